import type { JournalEvent } from '../../journal/events.js';

/** What a steady state has to show. */
export interface Steadiness {
  /** Milliseconds for which it must have held. */
  hold: number;
  /** Milliseconds between checkpoints. */
  checkpoints: number;
  /** Milliseconds for which the sink holds records back by its own settings. */
  linger?: number;
  /** Records a second, which tell how much lag is bearable; undefined where the lag is not to be known. */
  rate: number | undefined;
}

/** Undefined when the cluster has been steady for `hold` milliseconds up to `at` (monotonic), otherwise why not. */
export function unsteady(
  events: readonly JournalEvent[],
  jobId: string,
  steadiness: Steadiness,
  at: number,
): string | undefined {
  const { hold, checkpoints } = steadiness;
  const from = at - hold;
  return (
    tasksNotRunning(events, jobId, from) ??
    noCheckpoint(events, from, at, checkpoints) ??
    outputNotFlowing(events, from, at, steadiness)
  );
}

function tasksNotRunning(events: readonly JournalEvent[], jobId: string, from: number): string | undefined {
  let covered = false;
  let good = 0;
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as JournalEvent;
    if (event.type === 'trouble') return `${event.code}: ${event.message}`;
    if (event.type !== 'observed.jobs') continue;
    const job = event.jobs?.find((j) => j.id === jobId);
    if (!job) {
      if (event.start >= from) return event.error ?? `${event.node} does not list the job`;
    } else if (job.running + job.finished !== job.total || job.total === 0) {
      if (event.end >= from) return `${job.running + job.finished} of ${job.total} tasks are running`;
    } else if (event.start >= from) good++;
    if (event.start < from) {
      covered = true;
      break;
    }
  }
  if (!covered) return 'not watched for long enough yet';
  return good === 0 ? 'no JobManager answered' : undefined;
}

function noCheckpoint(events: readonly JournalEvent[], from: number, at: number, interval: number): string | undefined {
  const ids = new Set<number>();
  for (const event of events) {
    if (event.type !== 'observed.checkpoints' || !event.latest || event.end < from) continue;
    ids.add(event.latest.id);
  }
  // Two different ids within the window: one was completed in it. With a window shorter than two intervals, any will do.
  const wanted = at - from >= 2.5 * interval ? 2 : 1;
  return ids.size >= wanted ? undefined : 'checkpoints are not completing';
}

function outputNotFlowing(
  events: readonly JournalEvent[],
  from: number,
  at: number,
  { checkpoints, linger = 0, rate }: Steadiness,
): string | undefined {
  // An exactly-once sink shows its records once a checkpoint; a checkpoint itself may take its time.
  const tolerated = 2 * checkpoints + linger + 2_000;
  let lastOutput = Number.NEGATIVE_INFINITY;
  let lag: number | undefined;
  for (const event of events) {
    if (event.type !== 'observed.output') continue;
    if (event.records && event.records > 0) lastOutput = event.end;
    // The highest of the whole time: what was steady is the yardstick for having caught up again.
    if (event.lag !== undefined && event.end >= from) lag = Math.max(lag ?? 0, event.lag);
    if (event.error && event.start >= from) return `the output cannot be read: ${event.error}`;
  }
  if (at - lastOutput > tolerated) return 'no committed output is flowing';
  if (rate === undefined) return undefined;
  if (lag === undefined) return 'the lag is not known yet';
  const bearable = (rate * (1.5 * checkpoints + linger + 2_000)) / 1000;
  return lag > bearable ? `the output lagged ${lag} records behind, more than ${Math.round(bearable)}` : undefined;
}
