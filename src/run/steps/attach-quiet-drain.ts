import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import { type Mark, undecided } from '../../reconcile/window/marks.js';
import type { RunState } from '../run-state.js';
import type { Drained } from './attach-drain.js';
import { isQuiet, quietFor } from './attach-quiet.js';
import type { AttachedJob } from './attach-start.js';

/** Milliseconds for those who write to pause, since the source last stood still; and in all. */
const PAUSE_WITHIN = 60_000;
const DRAIN_WITHIN = 600_000;
/** Milliseconds from one look at the ends of both topics to the next. */
const EVERY = 1_000;

const PAUSE = 'stop what writes to the source, or let it pause, once the run waits for that';

/**
 * Waits until both topics are silent while checkpoints complete, for as long as the job may hold records back: only
 * then is a total at the sink known to be of all that the source holds. Topics that never are make trouble within this
 * step, which the judge takes into account.
 * @throws FlinchError KAFKA_WIRE when the last mark cannot be had
 */
export async function quietDrain(state: RunState, job: AttachedJob, ended: Mark): Promise<Drained> {
  const { clock, signal, recorder } = state;
  const { attach, period } = job;
  const since = clock.mono();
  const need = Math.max(quietFor(period), attach.patience + 2 * period);
  const still = { source: new Stillness(since), sink: new Stillness(since) };
  let paused = since;
  for (;;) {
    signal.throwIfAborted();
    const missing = await unquiet();
    if (missing === undefined) {
      const drained = await job.mark('drained');
      // What came in meanwhile has not come out.
      if (still.source.isSame(drained.source) && still.sink.isSame(drained.sink)) return { ended, drained };
    }
    const now = clock.mono();
    // While the source stands still, what goes on at the sink is a backlog that is worked off.
    if (now - still.source.since >= quietFor(period) && now - still.sink.since < need) paused = now;
    if (now - paused >= PAUSE_WITHIN + need || now - since >= DRAIN_WITHIN) {
      const took = formatDuration(now - since);
      const why = missing ?? 'records came in at the last moment';
      const undrained = `the totals could not be compared ${took} after the end of the window: ${why}`;
      recorder.emit({ type: 'trouble', code: 'DEADLINE', message: undrained });
      return { ended, drained: await job.mark('drained', { undrained }), undrained };
    }
    await clock.sleep(EVERY, signal);
  }

  /** What is missing; undefined when both topics are silent and all of them is decided. */
  async function unquiet(): Promise<string | undefined> {
    try {
      const { source, sink } = await job.ends();
      const now = clock.mono();
      still.sink.look(sink, now);
      still.source.look(source, now);
      if (now - still.source.since < need) return `records go on coming in, and totals move with them; ${PAUSE}`;
      if (now - still.sink.since < need) return 'records go on coming out';
      const open = [...undecided(attach.source.topic, source), ...undecided(attach.sink.topic, sink)];
      if (open.length > 0) return open.join(', ');
    } catch (error) {
      if (job.reader.aborted) throw error;
      return messageOf(error);
    }
    return isQuiet(recorder.events, clock.mono(), period, need)
      ? undefined
      : 'the topics were not seen silent while checkpoints completed';
  }
}

/** Since when the ends of a topic are where they are. */
class Stillness {
  /** Monotonic milliseconds. */
  since: number;
  #ends = '';

  constructor(since: number) {
    this.since = since;
  }
  look(ends: readonly PartitionOffsets[], at: number): void {
    const text = textOf(ends);
    if (text !== this.#ends) this.since = at;
    this.#ends = text;
  }
  isSame(ends: readonly PartitionOffsets[]): boolean {
    return textOf(ends) === this.#ends;
  }
}

const textOf = (ends: readonly PartitionOffsets[]): string =>
  ends
    .map(({ partition, lastStableOffset, highWatermark }) => `${partition}:${lastStableOffset}:${highWatermark}`)
    .join();
