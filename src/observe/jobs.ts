import type { FlinkRest, JobOverview } from '../client/flink/rest.js';
import { pollForever } from '../core/poll.js';
import type { JobRecord } from '../journal/events.js';
import type { Attention, Pace } from './attention.js';
import { type Emit, lookOf, type ObserverOptions, statusOf } from './look.js';

/** Start to start, so that slow answers do not bring it below 4 a second. */
const PACE: Pace = { every: 200, leader: 240, others: 5_000 };
/** An answer that is not there by then is a sign of its own. Milliseconds. */
const LATE = 500;

/** JobManager node name to its REST API. */
export type RestByNode = Readonly<Record<string, FlinkRest>>;

export interface JobsDeps {
  rest: RestByNode;
  /** Undefined until the job is submitted; until then every job is told. */
  jobId(): string | undefined;
  /** Told what is seen, and told by it how often to look. */
  attention: Attention;
}

/** Tasks that have not come to run, by their states. */
const UNDER_WAY = ['created', 'scheduled', 'deploying', 'initializing', 'canceling'] as const;

function recordOf({ tasks, changed: _, ...job }: JobOverview): JobRecord {
  const waiting = UNDER_WAY.flatMap((state) => ((tasks[state] ?? 0) > 0 ? [[state, tasks[state]] as const] : []));
  return waiting.length > 0 ? { ...job, waiting: Object.fromEntries(waiting) } : job;
}

/** A cluster may have hundreds of jobs: those that bear the name of the one that is watched are told, and no other. */
function ours(id: string | undefined, names: Set<string>): (job: JobOverview) => boolean {
  return (job) => {
    if (id === undefined) return true;
    if (job.id === id) names.add(job.name);
    return job.id === id || names.has(job.name);
  };
}

const runs = ({ total, running, finished }: JobOverview): boolean => total > 0 && running + finished === total;

/** Task counts of the job, as each JobManager's own endpoint tells them: a hanging one delays no other. */
export async function observeJobs(
  { rest, jobId, attention }: JobsDeps,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  const names = new Set<string>();
  await Promise.all(
    Object.entries(rest).map(([node, api]) =>
      pollForever(
        async (limit) => {
          const answered = new AbortController();
          clock.sleep(LATE, answered.signal).then(
            () => attention.saw(node, false),
            () => {},
          );
          try {
            return (await api.jobsOverview(limit)).filter(ours(jobId(), names));
          } finally {
            answered.abort();
          }
        },
        (sample) => {
          const id = jobId();
          const job = sample.value?.find((it) => it.id === id);
          attention.saw(node, job !== undefined && runs(job), job?.changed);
          emit({
            type: 'observed.jobs',
            node,
            ...lookOf(sample),
            ...(sample.value ? { status: 200, jobs: sample.value.map(recordOf) } : statusOf(sample)),
          });
        },
        { every: PACE.every, clock: attention.paced(node, PACE), signal },
      ),
    ),
  );
}
