import { messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { JournalEvent } from '../../journal/events.js';
import { decidedOf, type Mark } from '../../reconcile/window/marks.js';
import type { RunState } from '../run-state.js';
import type { AttachedJob } from './attach-start.js';
import { checkpointAfter } from './attach-steady.js';

/** Milliseconds for all that was due to come out, since the job last came nearer to its end; and in all. */
const STALL = 60_000;
const DRAIN_WITHIN = 600_000;
const EVERY = 200;
/** Milliseconds of silence in both topics after which a job has nothing left to do, where checkpoints complete. */
const QUIET = 5_000;
/** A topic that was last looked at longer ago is not watched. Milliseconds. */
const STALE = 3_000;

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
  const since = clock.mono();
  const { progress } = job.following;
  const left = () =>
    ended.source.reduce((sum, it) => sum + progress.distance(it.partition, decidedOf(ended.source, it.partition)), 0);
  let [nearest, moved] = [left(), since];
  const isOver = () => {
    const now = left();
    if (now < nearest) [nearest, moved] = [now, clock.mono()];
    return clock.mono() - moved >= STALL || clock.mono() - since >= DRAIN_WITHIN;
  };
  let undrained: string | undefined;
  for (const stage of stages(state, job, ended)) {
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
function* stages(state: RunState, { attach, following, period, reader }: AttachedJob, ended: Mark): Generator<Stage> {
  const { clock, recorder } = state;
  const due = ended.source.map(({ partition }) => [partition, decidedOf(ended.source, partition)] as const);
  const { progress } = following;
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

/** Whether both topics have been silent, with the job well: it has nothing left to do. */
export function isQuiet(events: readonly JournalEvent[], at: number, period: number): boolean {
  const need = Math.max(QUIET, 3 * period);
  const watched = { source: false, output: false };
  const triggered = new Set<number>();
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as JournalEvent;
    if (event.mono < at - need) return watched.source && watched.output && triggered.size >= 2;
    if (event.type === 'observed.source' || event.type === 'observed.output') {
      if (event.error !== undefined || (event.records ?? 0) > 0) return false;
      const of = event.type === 'observed.source' ? 'source' : 'output';
      if (at - event.end <= STALE) watched[of] = true;
    }
    const offset = event.mono - event.wall;
    if (event.type === 'observed.checkpoints' && event.latest && event.latest.triggeredAt + offset >= at - need) {
      triggered.add(event.latest.id);
    }
  }
  return false;
}
