import type { JournalEvent } from '../../journal/events.js';
import type { Mark } from '../../reconcile/window/marks.js';
import type { Progress } from '../../reconcile/window/progress.js';
import type { RunState } from '../run-state.js';
import { waitFor } from '../wait-for.js';
import type { AttachedJob } from './attach-start.js';
import { awaitSteady } from './await-steady.js';

/** Milliseconds for the job to work off what was there when it was found, on top of a few checkpoints. */
const SETTLE_WITHIN = 8_000;

/**
 * Waits until the job has worked off what was there when it was found, marks where the window begins, and then for the
 * steady state, all of it behind that mark. What totals contain is not seen: there it is waited for as long as records
 * may take, and for two checkpoints, the second of which shows that the first is committed. @throws FlinchError STEADY_STATE, KAFKA_WIRE
 */
export async function attachedSteady(state: RunState, job: AttachedJob): Promise<Mark> {
  const { clock, signal, recorder, scenario, period } = state;
  const until = clock.mono() + scenario.steadyState.within;
  const { attached, attach, following } = job;
  const { progress } = following;
  const held = progress ? 0 : attach.patience;
  const limit = Math.min(until, clock.mono() + SETTLE_WITHIN + 3 * period + held);
  const hasComeOut = () =>
    progress ? hasPassed(attached, progress) : checkpointAfter(recorder.events, attached.wall + held);
  const passed = await waitFor(() => (hasComeOut() ? clock.wall() : undefined), { until: limit, clock, signal });
  const settled =
    passed !== undefined &&
    (await waitFor(() => checkpointAfter(recorder.events, passed) || undefined, { until: limit, clock, signal })) ===
      true;
  const begun = await job.mark('begun', { settled });
  await awaitSteady(state, job.jobId(), {
    rate: progress ? sourceRate : () => undefined,
    until,
    notBefore: clock.mono(),
    // Whatever is replayed after a fault then lies within the window, with what was there before it.
    unready: (events) =>
      checkpointAfter(events, begun.wall) ? undefined : 'no checkpoint that was triggered since then has completed',
  });
  return begun;
}

/** Whether something that went in behind the first mark came out, of each partition that had held anything before. */
const hasPassed = ({ source }: Mark, progress: Progress): boolean =>
  source.every(
    ({ partition, earliest, highWatermark }) =>
      highWatermark === earliest || progress.cameFromBehind(partition, highWatermark),
  );

/** Whether a checkpoint triggered after a moment (wall milliseconds) was seen completed. */
export const checkpointAfter = (events: readonly JournalEvent[], wall: number): boolean =>
  lastCheckpoint(events) > wall;

/** When the last checkpoint seen completed was triggered, in wall milliseconds; 0 for none. */
function lastCheckpoint(events: readonly JournalEvent[]): number {
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as JournalEvent;
    if (event.type === 'observed.checkpoints' && event.latest) return event.latest.triggeredAt;
  }
  return 0;
}

/** Records a second that came in at the source. */
export function sourceRate(events: readonly JournalEvent[], from: number, to: number): number {
  let records = 0;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as JournalEvent;
    if (event.type !== 'observed.source') continue;
    if (event.start < from) break;
    records += event.records;
  }
  return (records * 1000) / Math.max(1, to - from);
}
