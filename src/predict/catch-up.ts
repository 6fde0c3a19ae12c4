import { between, type Extent } from '../core/extent.js';
import type { Case } from './case.js';
import { INTERVAL } from './keys.js';
import { checkpoint, interval, WORK } from './limits.js';
import type { PredictedPhase } from './prediction.js';

/** What has come in while nothing was processed, and how fast it goes. */
export interface Backlog {
  /** Records, at the most. */
  records: number;
  /** Records a second on top of those that come in. */
  drain: number;
  /** Milliseconds until it is gone, at the most. */
  takes: number;
}

/**
 * The backlog of an outage, from the last commit before it to the moment at which the tasks run again. Milliseconds. Undefined where
 * it is not known what comes in and what can be processed, and where no more can be processed than comes in.
 */
export function backlogOf({ job: { rate, capacity, backlog } }: Case, outage: number): Backlog | undefined {
  if (rate === undefined || capacity === undefined || capacity <= rate) return undefined;
  const records = backlog ?? Math.ceil((rate * outage) / 1000);
  const drain = capacity - rate;
  return { records, drain, takes: (records / drain) * 1000 };
}

/** The last phase: the backlog is gone, and a whole interval has shown that it stays so. */
export function caughtUp(it: Case, running: Extent | undefined): PredictedPhase | undefined {
  if (!running || running.atMost === null) return undefined;
  const exactlyOnce = it.job.guarantee === 'exactly-once';
  const period = interval(it);
  if (exactlyOnce && period === undefined) return undefined;
  const commit = exactlyOnce ? (period ?? 0) + checkpoint(it) : 0;
  const backlog = backlogOf(it, running.atMost + commit);
  if (!backlog) return undefined;
  const keys = exactlyOnce ? [INTERVAL] : [];
  return {
    name: 'caughtUp',
    since: 'tasksRunning',
    takes: between(0, backlog.takes + commit + WORK.seen),
    keys,
    decidedBy: keys.map((key) => it.set.told(key)),
    why: 'the backlog, by what can be processed beyond what comes in, and until the next commit',
  };
}
