import type { EventOf, JobRecord, JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { jobIds } from './the-job.js';

/**
 * What one look at /jobs/overview says of the job:
 * - `good`: it is there and running + finished == total.
 * - `down`: Flink answered with task counts, and they are not that.
 * - `refused`: an answer without counts (500, 503).
 * - `silent`: no answer at all. It says something of the endpoint and little of the job.
 */
export type JobView = 'good' | 'down' | 'refused' | 'silent';

export interface JobLook {
  node: string;
  start: number;
  end: number;
  view: JobView;
  /** Flink's start time of the job; another one means a new execution graph. */
  startTime?: number;
  /** How many tasks it has, where they all run. */
  tasks?: number;
}

const ENDED = new Set(['FINISHED', 'CANCELED', 'FAILED']);

// Job state RUNNING is set before slots are allocated, so only the task counts decide.
const runs = (job: JobRecord): boolean =>
  !ENDED.has(job.state) && job.total > 0 && job.running + job.finished === job.total;

function viewOf(look: EventOf<'observed.jobs'>, ids: readonly string[]): JobView {
  if (look.jobs !== undefined && look.error === undefined && (look.status ?? 200) === 200) {
    // One that was started again has another id. It may run before anybody has told the run which.
    return look.jobs.some((job) => ids.includes(job.id) && runs(job)) ? 'good' : 'down';
  }
  // A 200 that was cut off is no refusal.
  return look.status === undefined || look.status === 200 ? 'silent' : 'refused';
}

/** Looks at the job by JobManager endpoint, each list in order of time. */
export function jobLooks(events: readonly JournalEvent[]): Map<string, JobLook[]> {
  const ids = jobIds(events);
  if (ids.length === 0) throw new Error('no job was submitted');
  const byNode = new Map<string, JobLook[]>();
  for (const look of eventsOf(events, 'observed.jobs')) {
    const latest = ids.findLast((id) => look.jobs?.some((job) => job.id === id));
    const job = look.jobs?.find(({ id }) => id === latest);
    const entry: JobLook = { node: look.node, start: look.start, end: look.end, view: viewOf(look, ids) };
    if (job !== undefined) entry.startTime = job.startTime;
    if (job !== undefined && entry.view === 'good') entry.tasks = job.total;
    const list = byNode.get(look.node);
    if (list) list.push(entry);
    else byNode.set(look.node, [entry]);
  }
  for (const list of byNode.values()) list.sort((a, b) => a.start - b.start || a.end - b.end);
  return byNode;
}

/** Index of the first look whose `key` is `value` or later; `list.length` when there is none. */
export function firstFrom(list: readonly JobLook[], key: 'start' | 'end', value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] as JobLook)[key] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
