import type { Rule } from './rule.js';
import { checkpointTimeout } from './rules/checkpoint-timeout.js';
import { checkpointsInMemory } from './rules/checkpoints-in-memory.js';
import { fewFreeSlots } from './rules/few-free-slots.js';
import { haWithoutStorage } from './rules/ha-without-storage.js';
import { heartbeatInterval } from './rules/heartbeat-interval.js';
import { knownDefect } from './rules/known-defect.js';
import { leaseNotHeld } from './rules/lease-not-held.js';
import { leaseTiming } from './rules/lease-timing.js';
import { livenessProbe } from './rules/liveness-probe.js';
import { localStorage } from './rules/local-storage.js';
import { noCheckpoints } from './rules/no-checkpoints.js';
import { noClusterId } from './rules/no-cluster-id.js';
import { noFailedCheckpointTolerated } from './rules/no-failed-checkpoint-tolerated.js';
import { noHighAvailability } from './rules/no-high-availability.js';
import { noStandby } from './rules/no-standby.js';
import { notKeptOnCancel } from './rules/not-kept-on-cancel.js';
import { notReadCommitted } from './rules/not-read-committed.js';
import { oneCheckpointRetained } from './rules/one-checkpoint-retained.js';
import { oneReplica } from './rules/one-replica.js';
import { oneZookeeper } from './rules/one-zookeeper.js';
import { ownedConfigMaps } from './rules/owned-config-maps.js';
import { restartAttempts } from './rules/restart-attempts.js';
import { sessionAndHeartbeat } from './rules/session-and-heartbeat.js';
import { sessionClamped } from './rules/session-clamped.js';
import { sharedZookeeperPath } from './rules/shared-zookeeper-path.js';
import { slowDetection } from './rules/slow-detection.js';
import { suspendedConnections } from './rules/suspended-connections.js';
import { transactionTimeout } from './rules/transaction-timeout.js';
import { unknownSetting } from './rules/unknown-setting.js';
import { upgradeMode } from './rules/upgrade-mode.js';

/** Every rule, in the order of the docs: who takes over, what is restored, how losses are noticed, what restarts, Kafka. */
export const RULES: readonly Rule[] = [
  noHighAvailability,
  haWithoutStorage,
  noStandby,
  noClusterId,
  leaseNotHeld,
  leaseTiming,
  ownedConfigMaps,
  sharedZookeeperPath,
  oneZookeeper,
  suspendedConnections,
  sessionClamped,
  sessionAndHeartbeat,
  livenessProbe,
  localStorage,
  noCheckpoints,
  checkpointsInMemory,
  noFailedCheckpointTolerated,
  checkpointTimeout,
  oneCheckpointRetained,
  notKeptOnCancel,
  upgradeMode,
  heartbeatInterval,
  slowDetection,
  restartAttempts,
  fewFreeSlots,
  transactionTimeout,
  notReadCommitted,
  oneReplica,
  unknownSetting,
  knownDefect,
];
