import { FlinchError } from '../core/error.js';
import { damage } from './disk/damage.js';
import { fill } from './disk/fill.js';
import { readOnly } from './disk/read-only.js';
import type { Fault } from './fault.js';
import { cancelJob } from './job/cancel-job.js';
import { rescale } from './job/rescale.js';
import { restoreChanged } from './job/restore-changed.js';
import { savepoint } from './job/savepoint.js';
import { stopJob } from './job/stop-job.js';
import { deleteRecords } from './load/delete-records.js';
import { poison } from './load/poison.js';
import { skew } from './load/skew.js';
import { surge } from './load/surge.js';
import { nameFailure } from './names/name-failure.js';
import { cutCommit } from './network/cut-commit.js';
import { latency } from './network/latency.js';
import { loss } from './network/loss.js';
import { partition } from './network/partition.js';
import { reset } from './network/reset.js';
import { throttle } from './network/throttle.js';
import { breakImage } from './pods/break-image.js';
import { cutApiServer } from './pods/cut-api-server.js';
import { deleteOperator } from './pods/delete-operator.js';
import { deletePod } from './pods/delete-pod.js';
import { drainNode } from './pods/drain-node.js';
import { evictPod } from './pods/evict-pod.js';
import { revokeAccess } from './pods/revoke-access.js';
import { scale } from './pods/scale.js';
import { suspendDeployment } from './pods/suspend-deployment.js';
import { upgradeDeployment } from './pods/upgrade-deployment.js';
import { clockSkew } from './process/clock-skew.js';
import { cpuLimit } from './process/cpu-limit.js';
import { kill } from './process/kill.js';
import { memoryLimit } from './process/memory-limit.js';
import { pause } from './process/pause.js';
import { restart } from './process/restart.js';
import { stop } from './process/stop.js';
import { damageConfigMap } from './store/damage-config-map.js';
import { damageZnode } from './store/damage-znode.js';
import { expireSession } from './store/expire-session.js';
import { stealLease } from './store/steal-lease.js';

/** A fault whose options were validated by its schema and whose undo record it wrote itself. */
export type AnyFault = Fault<unknown, unknown>;

const ALL = [
  kill,
  stop,
  restart,
  deletePod,
  evictPod,
  drainNode,
  scale,
  breakImage,
  upgradeDeployment,
  suspendDeployment,
  deleteOperator,
  pause,
  cpuLimit,
  memoryLimit,
  clockSkew,
  partition,
  loss,
  throttle,
  latency,
  reset,
  cutApiServer,
  revokeAccess,
  nameFailure,
  cutCommit,
  fill,
  damage,
  readOnly,
  expireSession,
  damageZnode,
  stealLease,
  damageConfigMap,
  surge,
  skew,
  poison,
  deleteRecords,
  savepoint,
  stopJob,
  cancelJob,
  rescale,
  restoreChanged,
] as readonly unknown[] as readonly AnyFault[];
const FAULTS = new Map(ALL.map((fault) => [fault.name, fault]));

/** Names of all faults. */
export const faultNames = (): string[] => [...FAULTS.keys()];

/** The fault of that name. @throws FlinchError SCENARIO_INVALID */
export function faultNamed(name: string): AnyFault {
  const fault = FAULTS.get(name);
  if (!fault) throw new FlinchError('SCENARIO_INVALID', { what: `there is no fault named ${name}` });
  return fault;
}
