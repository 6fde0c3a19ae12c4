import type { ExceptionEntry } from '../client/flink/rest.js';
import { pollForever } from '../core/poll.js';
import type { Pace } from './attention.js';
import type { JobDeps } from './checkpoints.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

const PACE: Pace = { every: 1_000, leader: 2_000, others: 10_000 };

const identityOf = ({ at, name, task, taskManager }: ExceptionEntry): string =>
  JSON.stringify([at, name, task, taskManager]);

/**
 * The job's exceptions: each is told once, whichever JobManager showed it first. A look that finds nothing new and
 * did not fail is not told.
 */
export async function observeExceptions(
  { rest, jobId, attention }: JobDeps,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  const known = new Set<string>();
  await Promise.all(
    Object.entries(rest).map(([node, api]) =>
      pollForever(
        async (limit) => {
          const job = jobId();
          return job === undefined ? [] : await api.exceptions(job, limit);
        },
        (sample) => {
          const entries = sample.value?.filter((entry) => !known.has(identityOf(entry)));
          for (const entry of entries ?? []) known.add(identityOf(entry));
          if (entries?.length === 0) return;
          emit({ type: 'observed.exceptions', node, ...lookOf(sample), ...(entries && { entries }) });
        },
        { every: PACE.every, clock: attention.paced(node, PACE, clock), signal },
      ),
    ),
  );
}
