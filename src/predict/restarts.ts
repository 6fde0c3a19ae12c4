import { between, type Extent } from '../core/extent.js';
import { backoff, backoffKeys } from './backoff.js';
import { type Case, slotsSuffice } from './case.js';
import { type CourseName, needsThemBack } from './course.js';
import { heartbeat } from './limits.js';
import { backBy, failsAgain, failsFor } from './times-away.js';

const TOLERATED = 'execution.checkpointing.tolerable-failed-checkpoints';

/** How often the job is to be started anew, by another JobManager or by the one that has it. */
export interface PredictedRestarts {
  takes: Extent;
  /** "restart-strategy.fixed-delay.delay = 3s"; none where no setting decides it. */
  decidedBy: string[];
  keys: string[];
  /** In words. */
  why: string;
}

/** For how long a restart may meet what ended the one before it, and fail again. Milliseconds. Undefined where nothing bounds it. */
function trouble(it: Case): { lasts: number | undefined; why: string } {
  if (failsAgain(it)) return { lasts: failsFor(it), why: 'at once, and after each delay while the fault lasts' };
  if (needsThemBack(it) || slotsSuffice(it) === undefined) {
    return { lasts: backBy(it), why: 'at once, and after each delay until its TaskManagers are back' };
  }
  if (it.job.shuffles === false) return { lasts: 0, why: 'by its own JobManager' };
  return {
    lasts: heartbeat(it)?.timeout,
    why: 'at once, and after each delay until the JobManager no longer counts on the TaskManager',
  };
}

/** The most restarts that fit into a time, each failing at once. Undefined where their delays are not known. */
function fitting(it: Case, time: number): number | undefined {
  let passed = 0;
  let count = 0;
  for (; count < MOST; count++) {
    const delay = backoff(it, it.restarts + count);
    if (!delay) return undefined;
    passed += Math.max(1, delay.atLeast);
    if (passed > time) break;
  }
  return count;
}

/** Nobody counts further. */
const MOST = 10_000;

/** Whether the leader lives on: once it can be heard again, it may take TaskManagers from the next one, or its record. */
const goesOn = ({ kind }: Case): boolean => kind === 'pause' || kind === 'partition';

/** Whether the job may fail beforehand, of a checkpoint that was on its way and may not be recorded. */
const failsBefore = ({ kind, set }: Case): boolean => kind === 'revokeAccess' && (set.number(TOLERATED) ?? 0) === 0;

/** Undefined where no setting tells. */
export function restarts(it: Case, course: CourseName): PredictedRestarts | undefined {
  const told = (takes: Extent, why: string, keys: readonly string[] = []): PredictedRestarts => ({
    takes,
    keys: [...keys],
    decidedBy: keys.map((key) => it.set.told(key)),
    why,
  });
  switch (course) {
    case 'none':
    case 'silence':
      return told(between(0, 0), 'its tasks run on');
    case 'takeover':
      if (failsBefore(it)) {
        const why = 'by the JobManager that takes over, and perhaps before, of a checkpoint that may not be recorded';
        return told(between(1, 2), why, [TOLERATED]);
      }
      return goesOn(it)
        ? told(between(1, 2), 'by the JobManager that takes over, and perhaps once more when the one before it is back')
        : told(between(1, 1), 'by the JobManager that takes over');
    case 'restart': {
      const { lasts: time, why } = trouble(it);
      const more = time === undefined ? undefined : fitting(it, time);
      const anew = it.kind === 'poison' ? 1 : 0;
      return told(between(1, more === undefined ? null : 1 + more + anew), why, more === 0 ? [] : backoffKeys(it));
    }
    default:
      return undefined;
  }
}
