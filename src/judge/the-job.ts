import type { JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';

/** Ids of the jobs under test: submitted by the run, or there before. */
export const jobIds = (events: readonly JournalEvent[]): string[] =>
  [...eventsOf(events, 'job.submitted'), ...eventsOf(events, 'job.attached')].map(({ jobId }) => jobId);

/** Ids of the jobs under test by when they were started, in that order. */
export const jobStarts = (events: readonly JournalEvent[]): { id: string; mono: number }[] =>
  [...eventsOf(events, 'job.submitted'), ...eventsOf(events, 'job.attached')]
    .map(({ jobId, mono }) => ({ id: jobId, mono }))
    .sort((a, b) => a.mono - b.mono);

/** Milliseconds between checkpoints: as the scenario has it, or as the job that was there has it; 0 when not known. */
export function periodOf(events: readonly JournalEvent[]): number {
  const workload = lastOf(events, 'run.started')?.scenario.workload;
  if (workload && workload.job !== 'attached') return workload.checkpoints;
  return lastOf(events, 'job.attached')?.checkpoints ?? 0;
}
