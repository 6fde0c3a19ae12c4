import { pollForever } from '../core/poll.js';
import type { RestByNode } from './jobs.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks. Flink caches the answer (3 s by default); its own timestamps are exact regardless. */
const EVERY = 500;

export interface JobDeps {
  rest: RestByNode;
  /** Undefined as long as there is no job: then nothing is looked at. */
  jobId(): string | undefined;
}

/** Completed, failed, latest and restored checkpoints of the job, as each JobManager's endpoint tells them. */
export async function observeCheckpoints(
  { rest, jobId }: JobDeps,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) =>
      pollForever(
        async (limit) => {
          const job = jobId();
          return job === undefined ? undefined : await api.checkpoints(job, limit);
        },
        (sample) => {
          if (!sample.value && sample.error === undefined) return;
          emit({ type: 'observed.checkpoints', node, ...lookOf(sample), ...sample.value });
        },
        { every: EVERY, clock, signal },
      ),
    ),
  );
}
