import type { ExceptionEntry } from '../client/flink/rest.js';
import { pollForever } from '../core/poll.js';
import type { Pace } from './attention.js';
import type { JobDeps } from './checkpoints.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

const PACE: Pace = { every: 1_000, leader: 10_000, others: 30_000 };

/** Milliseconds after which a look is told although it found nothing new: that nothing came is worth knowing too. */
const TOLD_EVERY = 2_000;

const identityOf = ({ at, name, task, taskManager }: ExceptionEntry): string =>
  JSON.stringify([at, name, task, taskManager]);

/**
 * The job's exceptions: each is told once, whichever JobManager showed it first. A look that finds nothing new and
 * did not fail is told now and then.
 */
export async function observeExceptions(
  { rest, jobId, attention }: JobDeps,
  emit: Emit,
  { signal }: ObserverOptions,
): Promise<void> {
  const known = new Set<string>();
  await Promise.all(
    Object.entries(rest).map(([node, api]) => {
      let told = Number.NEGATIVE_INFINITY;
      return pollForever(
        async (limit) => {
          const job = jobId();
          return job === undefined ? undefined : await api.exceptions(job, limit);
        },
        (sample) => {
          const { value, error, start } = sample;
          if (!value && error === undefined) return;
          const entries = value?.filter((entry) => !known.has(identityOf(entry)));
          for (const entry of entries ?? []) known.add(identityOf(entry));
          if (entries?.length === 0 && start - told < TOLD_EVERY) return;
          told = start;
          emit({ type: 'observed.exceptions', node, ...lookOf(sample), ...(entries && { entries }) });
        },
        { every: PACE.every, clock: attention.paced(node, PACE), signal },
      );
    }),
  );
}
