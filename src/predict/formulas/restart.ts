import { between } from '../../core/extent.js';
import { backoff, backoffKeys, longestBackoff } from '../backoff.js';
import { type Case, lasts, slotsSuffice } from '../case.js';
import { needsThemBack } from '../course.js';
import { type Formula, recovers } from '../formula.js';
import { deployment, OWN_WORK, restore, START, WORK } from '../limits.js';
import { backBy, failsAgain, failsFor } from '../times-away.js';

const SLOT_TIMEOUT = 'slot.request.timeout';

/**
 * How much later the job may find their slots: a request that cannot be met fails once the cluster is no longer young, and the job
 * waits for its next restart. Milliseconds.
 */
function missedBy(it: Case): number | undefined {
  const young = it.set.duration(SLOT_TIMEOUT);
  if (young === undefined) return undefined;
  const by = backBy(it);
  return it.cluster.age !== undefined && it.cluster.age + by < young ? 0 : longestBackoff(it, by);
}

export const RESTART: readonly Formula[] = [
  {
    phase: 'backoffOver',
    since: 'detected',
    of: 'a restart by the JobManager that has the job',
    takes:
      'the delay of the restart strategy, which grows from restart to restart where it is exponential, more or less its jitter',
    source:
      'Flink: RestartBackoffTimeStrategy; DefaultScheduler restarts when that is over and the tasks are cancelled',
    holds: (it, course) => course === 'restart' && !failsAgain(it) && !needsThemBack(it),
    extent(it) {
      const delay = backoff(it, it.restarts);
      return delay && between(delay.atLeast, (delay.atMost ?? delay.atLeast) + WORK.seen);
    },
    keys: backoffKeys,
  },
  {
    phase: 'slotsAllocated',
    since: 'backoffOver',
    of: 'a restart with slots enough',
    takes: OWN_WORK,
    source: 'measured',
    holds: (it, course) => course === 'restart' && !failsAgain(it) && slotsSuffice(it) === true,
    extent: () => between(0, WORK.slots),
    keys: () => [],
  },
  {
    phase: 'slotsAllocated',
    since: 'effective',
    of: 'a restart that has to wait for the TaskManagers that are away',
    takes:
      'the time that they are away, and until they have found back; on a cluster that is older than the timeout of a slot request, one more delay of the restart strategy',
    source:
      'Flink: a request that no registered slot can meet fails at once when resourcemanager.standalone.start-up-time is over, which is slot.request.timeout unless told',
    holds: (it, course) => course === 'restart' && !failsAgain(it) && needsThemBack(it) && lasts(it) !== undefined,
    extent(it) {
      const later = missedBy(it);
      return later === undefined ? undefined : between(lasts(it) ?? 0, backBy(it) + later + WORK.slots);
    },
    keys: (it) => [
      ...(it.kind === 'pause' || it.kind === 'partition' ? ['cluster.registration.max-timeout'] : []),
      ...((missedBy(it) ?? 0) > 0 ? [SLOT_TIMEOUT, ...backoffKeys(it)] : []),
    ],
  },
];

export const AGAIN_AND_AGAIN: readonly Formula[] = [
  {
    phase: 'slotsAllocated',
    since: 'effective',
    of: 'a job that may fail again and again while the fault lasts',
    takes:
      'up to the time that it lasts, the start of pods that come back only then, and one more delay of the restart strategy; a poisoned job is started anew',
    source: 'Flink: RestartBackoffTimeStrategy',
    holds: (it, course) => course === 'restart' && failsAgain(it) && lasts(it) !== undefined,
    extent(it) {
      const last = failsFor(it) ?? 0;
      const delay = longestBackoff(it, last);
      const anew = it.kind === 'poison' ? START.jobmanager : 0;
      return delay === undefined ? undefined : between(0, last + delay + anew + WORK.slots);
    },
    keys: backoffKeys,
  },
];

export const TASKS: readonly Formula[] = [
  {
    phase: 'deployed',
    since: 'slotsAllocated',
    of: 'every job',
    takes: OWN_WORK,
    source: 'measured',
    holds: recovers,
    extent: (it) => between(0, deployment(it)),
    keys: () => [],
  },
  {
    phase: 'stateRestored',
    since: 'deployed',
    of: 'every job',
    takes: OWN_WORK,
    source: 'measured',
    holds: recovers,
    extent: (it) => between(0, restore(it)),
    keys: () => [],
  },
  {
    phase: 'tasksRunning',
    since: 'stateRestored',
    of: 'every job',
    takes: 'until it is seen',
    source: 'the same moment, by the task counts',
    holds: recovers,
    extent: () => between(0, WORK.seen),
    keys: () => [],
  },
];
