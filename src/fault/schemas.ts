import type { z } from 'zod';
import type { FaultSpec } from '../core/scenario.js';
import type { Capability } from '../target/ports.js';
import { damageOptions, fillOptions, readOnlyOptions } from './schema/disk.js';
import {
  cancelJobOptions,
  rescaleOptions,
  restoreChangedOptions,
  savepointOptions,
  stopJobOptions,
} from './schema/job.js';
import { deleteRecordsOptions, poisonOptions, skewOptions, surgeOptions } from './schema/load.js';
import { nameFailureOptions } from './schema/names.js';
import {
  cutCommitOptions,
  latencyOptions,
  lossOptions,
  partitionOptions,
  resetOptions,
  throttleOptions,
} from './schema/network.js';
import {
  breakImageOptions,
  cutApiServerOptions,
  deleteOperatorOptions,
  deletePodOptions,
  drainNodeOptions,
  evictPodOptions,
  revokeAccessOptions,
  scaleOptions,
  suspendDeploymentOptions,
  upgradeDeploymentOptions,
} from './schema/pods.js';
import {
  clockSkewOptions,
  cpuLimitOptions,
  killOptions,
  memoryLimitOptions,
  pauseOptions,
  restartOptions,
  stopOptions,
} from './schema/process.js';
import { damageConfigMapOptions, damageZnodeOptions, expireSessionOptions, stealLeaseOptions } from './schema/store.js';

export { isEach } from './schema/nodes.js';

/** What a scenario may say about a fault, and what the fault asks of a target. */
export interface FaultSchema {
  readonly schema: z.ZodType<Record<string, unknown>>;
  readonly requires: readonly Capability[];
  /** The same where somebody else does it, by what `via` names. */
  readonly via?: Readonly<Record<string, readonly Capability[]>>;
  /** Whether its nodes take no part in anything while it lasts, which guards may forbid. */
  readonly takesAway?: true;
  /** One line for plans and docs. */
  readonly summary: string;
}

/** Every fault of the language by its name; the faults themselves are in catalogue.ts. */
export const FAULT_SCHEMAS: Readonly<Record<string, FaultSchema>> = {
  kill: {
    schema: killOptions,
    requires: ['process'],
    takesAway: true,
    summary: 'kill -9 of the process of a node; healed by starting it again',
  },
  stop: {
    schema: stopOptions,
    requires: ['process'],
    takesAway: true,
    summary: 'SIGTERM to the process of a node, which ends in its own way; healed by starting it again',
  },
  restart: {
    schema: restartOptions,
    requires: ['process'],
    takesAway: true,
    summary: 'SIGTERM to the process of a node, which is started again as soon as it has ended',
  },
  deletePod: {
    schema: deletePodOptions,
    requires: ['pods'],
    takesAway: true,
    summary: 'the pod of a node is deleted; healed when another one has taken its place',
  },
  evictPod: {
    schema: evictPodOptions,
    requires: ['pods'],
    takesAway: true,
    summary:
      'the pod of a node is evicted, as when its machine is drained; healed when another one has taken its place',
  },
  drainNode: {
    schema: drainNodeOptions,
    requires: ['pods', 'machines'],
    takesAway: true,
    summary:
      'the machine of a node is cordoned for a time, and every pod of the cluster on it is evicted; healed by lifting the cordon, when the nodes are back',
  },
  scale: {
    schema: scaleOptions,
    requires: ['pods', 'scale'],
    takesAway: true,
    summary:
      'a role gets fewer pods for a time; healed by asking for as many as before, when all nodes take their part',
  },
  breakImage: {
    schema: breakImageOptions,
    requires: ['pods', 'images'],
    takesAway: true,
    summary:
      'new pods of a role are to run an image that there is not, for a time; healed by the image of before, when all nodes take their part',
  },
  upgradeDeployment: {
    schema: upgradeDeploymentOptions,
    requires: ['pods', 'operator'],
    summary:
      'the operator of Flink is asked to carry the job over to a new cluster; healed when all nodes take their part',
  },
  suspendDeployment: {
    schema: suspendDeploymentOptions,
    requires: ['pods', 'operator'],
    summary: 'the operator of Flink suspends the job for a time; healed by running it, when all nodes take their part',
  },
  deleteOperator: {
    schema: deleteOperatorOptions,
    requires: ['pods', 'operator', 'operatorPods'],
    summary: 'the pods of the operator of Flink are deleted; healed when others are ready',
  },
  pause: {
    schema: pauseOptions,
    requires: ['process'],
    takesAway: true,
    summary: 'the process of a node stands still for a time (SIGSTOP); healed by letting it go on',
  },
  cpuLimit: {
    schema: cpuLimitOptions,
    requires: ['process'],
    summary: 'the process of a node runs in a part of the time only; healed by letting it go on',
  },
  memoryLimit: {
    schema: memoryLimitOptions,
    requires: ['process', 'memory'],
    summary:
      'the process of a node gets no more memory than it has; healed by ending that, and by starting again who ended of it',
  },
  clockSkew: {
    schema: clockSkewOptions,
    requires: ['process', 'clock'],
    takesAway: true,
    summary:
      'the process of a node is started again with a clock that is wrong; healed by starting it with the right one',
  },
  partition: {
    schema: partitionOptions,
    requires: ['network'],
    via: { 'network-policy': ['pods'] },
    takesAway: true,
    summary: 'two sets of nodes are cut off from each other, both ways or one way; healed by ending the cut',
  },
  loss: {
    schema: lossOptions,
    requires: ['network'],
    summary: 'some of the packets between two sets of nodes are lost, each by chance; healed by ending that',
  },
  throttle: {
    schema: throttleOptions,
    requires: ['network'],
    summary: 'the links between two sets of nodes carry so much a second and no more; healed by ending that',
  },
  latency: {
    schema: latencyOptions,
    requires: ['network', 'latency'],
    summary: 'the packets between two sets of nodes are late, all of them; healed by ending that',
  },
  reset: {
    schema: resetOptions,
    requires: ['network'],
    summary: 'every connection between two sets of nodes is reset, once; healed by seeing them reach each other',
  },
  cutApiServer: {
    schema: cutApiServerOptions,
    requires: ['network', 'pods'],
    summary:
      'JobManagers are cut off from the API server of Kubernetes: it hangs, or refuses them; healed by ending that',
  },
  revokeAccess: {
    schema: revokeAccessOptions,
    requires: ['pods', 'configMaps', 'access'],
    summary:
      'the service account of the JobManagers loses its RoleBindings for a time, and the API server forbids them what they ask; healed by putting it back, when a JobManager renews its lease again',
  },
  nameFailure: {
    schema: nameFailureOptions,
    requires: ['names'],
    summary: 'no node finds the address of another by its name for a time; healed by making the names known again',
  },
  cutCommit: {
    schema: cutCommitOptions,
    requires: ['process', 'network'],
    summary:
      'a TaskManager loses every broker between the pre-commit and the commit of a checkpoint that completes; healed by ending the cut',
  },
  fill: {
    schema: fillOptions,
    requires: ['disk'],
    summary: 'a disk is full for a time; healed by taking the filling away, and by starting again who ended of it',
  },
  damage: {
    schema: damageOptions,
    requires: ['storedFiles'],
    summary:
      'files that the high-availability store points to are gone or empty for a time; healed by putting them back',
  },
  readOnly: {
    schema: readOnlyOptions,
    requires: ['readOnlyDisk'],
    summary:
      'a disk takes no new files for a time; healed by making it writable, and by starting again who ended of it',
  },
  expireSession: {
    schema: expireSessionOptions,
    requires: ['highAvailabilityStore'],
    summary:
      'the session of the leading JobManager in the high-availability store ends; healed by seeing it contend in a new one',
  },
  damageZnode: {
    schema: damageZnodeOptions,
    requires: ['process', 'highAvailabilityStore'],
    summary:
      'nodes of the high-availability store are gone or unreadable for a time; healed by putting them back, or by whoever has to write them',
  },
  stealLease: {
    schema: stealLeaseOptions,
    requires: ['pods', 'configMaps'],
    summary:
      'somebody who is no JobManager takes the lease of the leader and renews it for a time; healed by giving it back and seeing a JobManager lead',
  },
  damageConfigMap: {
    schema: damageConfigMapOptions,
    requires: ['pods', 'configMaps'],
    summary:
      'ConfigMaps of the high availability are gone, empty or unreadable for a time; healed by putting them back, and by a new leader where the old one does not see it',
  },
  surge: {
    schema: surgeOptions,
    requires: [],
    summary: 'the workload writes many times its rate for a time; healed by writing at the usual rate',
  },
  skew: {
    schema: skewOptions,
    requires: [],
    summary: 'one partition of the input gets most of the records for a time; healed by giving all the same',
  },
  poison: {
    schema: poisonOptions,
    requires: [],
    summary:
      'a record that the job cannot read, of which it fails again and again; healed by starting the job again so that it passes over it',
  },
  deleteRecords: {
    schema: deleteRecordsOptions,
    requires: [],
    summary: 'everything that the input of the job holds is deleted, read or not; nothing brings it back',
  },
  savepoint: {
    schema: savepointOptions,
    requires: [],
    summary: 'an operation: a savepoint of the job',
  },
  stopJob: {
    schema: stopJobOptions,
    requires: [],
    summary:
      'an operation: the job is stopped with a savepoint and started again from there, perhaps with another parallelism',
  },
  cancelJob: {
    schema: cancelJobOptions,
    requires: [],
    summary:
      'an operation: the job is cancelled, must stay so, and is started again from its latest completed checkpoint',
  },
  rescale: {
    schema: rescaleOptions,
    requires: [],
    summary: 'an operation: the adaptive scheduler is told to run the job with another parallelism',
  },
  restoreChanged: {
    schema: restoreChangedOptions,
    requires: [],
    summary: 'an operation: a job whose state has another schema is started from a savepoint, which has to fail',
  },
};

/** What a fault asks of a target, as it is written. */
export function requiresOf({ kind, options }: Pick<FaultSpec, 'kind' | 'options'>): readonly Capability[] {
  const { requires = [], via = {} } = FAULT_SCHEMAS[kind] ?? {};
  return (typeof options.via === 'string' ? via[options.via] : undefined) ?? requires;
}
