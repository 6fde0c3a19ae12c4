import { pollUntil } from '../../core/poll.js';
import type { CheckpointRecord } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';

/** Milliseconds between looks at a checkpoint; Flink answers from a cache that is up to 3 s old by default. */
const EVERY = 50;
/** How long before the next checkpoint is due the waiting ends. Milliseconds. */
const LEAD = 300;
/** Milliseconds for Flink to say when the latest checkpoint was. */
const KNOWN_WITHIN = 10_000;

/** A checkpoint that one TaskManager has pre-committed and another one still holds open. */
export interface CommitWindow {
  id: number;
  evidence: string;
}

/**
 * Waits until shortly before Flink triggers the next checkpoint, by Flink's clock.
 * @throws FlinchError DEADLINE when there is no checkpoint to reckon from; the signal's reason
 */
export async function beforeNextCheckpoint({ checkpoints, clock, signal }: FaultContext): Promise<void> {
  const { last, interval } = await pollUntil(
    'the latest checkpoint',
    async (s) => {
      const [[newest], every] = await Promise.all([checkpoints.recent(s), checkpoints.interval(s)]);
      return newest && { last: newest, interval: every };
    },
    { every: EVERY, within: KNOWN_WITHIN, clock, signal },
  );
  const late = clock.wall() + LEAD - last.triggeredAt;
  await clock.sleep(Math.max(1, Math.ceil(late / interval)) * interval - late, signal);
}

/**
 * Waits for a checkpoint in progress that every subtask on `committed` has acknowledged and some subtask on `open` has
 * not: an acknowledgement is a sink's pre-commit, and without the missing ones there will be no commit.
 * @param within milliseconds
 * @throws FlinchError DEADLINE; the signal's reason
 */
export function awaitCommitWindow(
  { committed, open }: { committed: string; open: string },
  within: number,
  { checkpoints, clock, signal }: FaultContext,
): Promise<CommitWindow> {
  return pollUntil(
    `a checkpoint that ${committed} has acknowledged and ${open} has not`,
    async (s) => {
      const [newest] = await checkpoints.recent(s);
      if (!newest || !isHalfway(newest)) return undefined;
      const { id } = newest;
      const by = await checkpoints.acknowledgements(id, s);
      const [done, waiting] = [by[committed], by[open]];
      if (!done || done.acknowledged === 0 || done.open > 0 || !waiting || waiting.open === 0) return undefined;
      // Of the same look as the rest: the newest one's own count is a moment older.
      const all = Object.values(by);
      const acknowledged = all.reduce((n, it) => n + it.acknowledged, 0);
      const subtasks = all.reduce((n, it) => n + it.acknowledged + it.open, 0);
      return {
        id,
        evidence:
          `checkpoint ${id} in progress, acknowledged by ${acknowledged} of ${subtasks} subtasks: ` +
          `by all ${done.acknowledged} of ${committed}, not by ${waiting.open} of ${open}`,
      };
    },
    { every: EVERY, within, clock, signal },
  );
}

/** Some subtasks have acknowledged it, and others have not: what a sink has pre-committed is not committed yet. */
export const isHalfway = ({ status, acknowledged, subtasks }: CheckpointRecord): boolean =>
  status === 'IN_PROGRESS' && acknowledged > 0 && acknowledged < subtasks;

/** Waits for the end of a checkpoint; `forgotten` when Flink does not list it any more. @throws FlinchError DEADLINE; the signal's reason */
export function checkpointEnd(
  id: number,
  within: number,
  { checkpoints, clock, signal }: FaultContext,
): Promise<'COMPLETED' | 'FAILED' | 'forgotten'> {
  return pollUntil(
    `the end of checkpoint ${id}`,
    async (s) => {
      const found = (await checkpoints.recent(s)).find((checkpoint) => checkpoint.id === id);
      if (!found) return 'forgotten';
      return found.status === 'IN_PROGRESS' ? undefined : found.status;
    },
    { every: EVERY, within, clock, signal },
  );
}
