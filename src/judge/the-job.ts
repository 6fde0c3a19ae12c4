import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';

/** Ids of the job under test, in the order of its starts: submitted by the run, or there before. */
export const jobIds = (events: readonly JournalEvent[]): string[] =>
  [...eventsOf(events, 'job.attached'), ...starts(events)].map(({ jobId }) => jobId);

/** Where it was started, by the run or by the operator of Flink: it is another job to Flink then, which counts from one again. */
export const starts = (events: readonly JournalEvent[]): EventOf<'job.submitted' | 'job.followed'>[] => [
  ...eventsOf(events, 'job.submitted'),
  ...eventsOf(events, 'job.followed'),
];

/** Milliseconds between checkpoints: as the scenario has it, or as the job that was there has it; 0 when not known. */
export function periodOf(events: readonly JournalEvent[]): number {
  const workload = lastOf(events, 'run.started')?.scenario.workload;
  if (workload && workload.job !== 'attached') return workload.checkpoints;
  return lastOf(events, 'job.attached')?.checkpoints ?? 0;
}
