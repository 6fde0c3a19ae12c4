import type { FlinkRest } from '../client/flink/rest.js';
import { pollForever } from '../core/poll.js';
import { type Emit, lookOf, type ObserverOptions, statusOf } from './look.js';

/** Milliseconds between looks; start to start, so that slow answers do not bring it below 4 a second. */
const EVERY = 200;

/** JobManager node name to its REST API. */
export type RestByNode = Readonly<Record<string, FlinkRest>>;

/** Task counts of every job, as each JobManager's own endpoint tells them: a hanging one delays no other. */
export async function observeJobs(rest: RestByNode, emit: Emit, { clock, signal }: ObserverOptions): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) =>
      pollForever(
        async (limit) => {
          const jobs = await api.jobsOverview(limit);
          return jobs.map(({ tasks: _, ...job }) => job);
        },
        (sample) =>
          emit({
            type: 'observed.jobs',
            node,
            ...lookOf(sample),
            ...(sample.value ? { status: 200, jobs: sample.value } : statusOf(sample)),
          }),
        { every: EVERY, clock, signal },
      ),
    ),
  );
}
