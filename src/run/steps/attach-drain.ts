import { messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import { decidedOf, type Mark } from '../../reconcile/window/marks.js';
import type { Progress } from '../../reconcile/window/progress.js';
import type { RunState } from '../run-state.js';
import { isQuiet } from './attach-quiet.js';
import { quietDrain } from './attach-quiet-drain.js';
import type { AttachedJob } from './attach-start.js';
import { checkpointAfter } from './attach-steady.js';

/** Milliseconds for all that was due to come out, since the job last came nearer to its end; and in all. */
const STALL = 60_000;
const DRAIN_WITHIN = 600_000;
const EVERY = 200;

export interface Drained {
  ended: Mark;
  drained: Mark;
  undrained?: string;
}

/**
 * Marks where the window ends at the source and waits, while others go on writing, until all that was due must have
 * come out: something behind it came out of each partition, then a checkpoint completed that was triggered later, then
 * what the sink held by then is decided; what is missing still has its patience. Not so in its time is trouble within
 * this step, which the judge takes into account. @throws FlinchError KAFKA_WIRE
 */
export async function attachedDrain(state: RunState, job: AttachedJob): Promise<Drained> {
  const { clock, signal, recorder } = state;
  const ended = await job.mark('ended');
  const { progress } = job.following;
  if (!progress) return quietDrain(state, job, ended);
  const since = clock.mono();
  const left = () =>
    ended.source.reduce((sum, it) => sum + progress.distance(it.partition, decidedOf(ended.source, it.partition)), 0);
  let [nearest, moved] = [left(), since];
  const isOver = () => {
    const now = left();
    if (now < nearest) [nearest, moved] = [now, clock.mono()];
    return clock.mono() - moved >= STALL || clock.mono() - since >= DRAIN_WITHIN;
  };
  let undrained: string | undefined;
  for (const stage of stages(state, job, progress, ended)) {
    for (;;) {
      signal.throwIfAborted();
      undrained = await stage();
      if (undrained === undefined || isOver()) break;
      await clock.sleep(EVERY, signal);
    }
    if (undrained !== undefined) break;
  }
  if (undrained !== undefined) {
    undrained = `the job had not worked off what was due ${formatDuration(clock.mono() - since)} after the end of the window: ${undrained}`;
    recorder.emit({ type: 'trouble', code: 'DEADLINE', message: undrained });
  }
  const drained = await job.mark('drained', { undrained });
  return { ended, drained, ...(undrained === undefined ? {} : { undrained }) };
}

type Stage = () => Promise<string | undefined> | string | undefined;

/** What must come about, in this order; each says what is missing. */
function* stages(
  state: RunState,
  { attach, period, reader }: AttachedJob,
  progress: Progress,
  ended: Mark,
): Generator<Stage> {
  const { clock, recorder } = state;
  const due = ended.source.map(({ partition }) => [partition, decidedOf(ended.source, partition)] as const);
  yield () => {
    const behind = due
      .filter(([partition, end]) => !progress.hasPassed(partition, end))
      .map(([partition]) => partition);
    if (behind.length === 0 || isQuiet(recorder.events, clock.mono(), period)) return undefined;
    return `nothing from the end of partition ${behind.join(', ')} has come out`;
  };
  const passed = clock.wall();
  yield () =>
    checkpointAfter(recorder.events, passed) ? undefined : 'no checkpoint that was triggered since then has completed';
  let written: Map<number, number> | undefined;
  yield async () => {
    try {
      const now = await reader.offsets(attach.sink.topic);
      written ??= new Map(now.map(({ partition, highWatermark }) => [partition, highWatermark]));
      const open = now.filter((it) => it.lastStableOffset < (written?.get(it.partition) ?? 0));
      if (open.length === 0) return undefined;
      return `a transaction is open on partition ${open.map(({ partition }) => partition).join(', ')} of ${attach.sink.topic}`;
    } catch (error) {
      return messageOf(error);
    }
  };
  const decided = clock.mono();
  // Not a condition: what is missing when the time is up is lost.
  yield () => {
    const missing = due.reduce((sum, [partition, end]) => sum + progress.missing(partition, end), 0);
    return missing === 0 || clock.mono() - decided >= attach.patience
      ? undefined
      : `${missing} records have not come out`;
  };
}
