import type { CheckpointStatistics } from '../client/flink/rest.js';
import { pollForever, type Sample } from '../core/poll.js';
import type { Attention, Pace } from './attention.js';
import type { RestByNode } from './jobs.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Flink caches the answer (3 s by default); its own timestamps are exact regardless, and its history has what came between. */
const PACE: Pace = { every: 500, leader: 1_000, others: 30_000 };

export interface JobDeps {
  rest: RestByNode;
  /** Undefined as long as there is no job: then nothing is looked at. */
  jobId(): string | undefined;
  /** Tells how often to look. */
  attention: Attention;
}

/** Completed, failed, latest and restored checkpoints of the job, as each JobManager's endpoint tells them. */
export async function observeCheckpoints(
  { rest, jobId, attention }: JobDeps,
  emit: Emit,
  { signal }: ObserverOptions,
): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) => {
      let known: number | undefined;
      const tell = (sample: Sample<CheckpointStatistics | undefined>) => {
        if (!sample.value) {
          if (sample.error !== undefined) emit({ type: 'observed.checkpoints', node, ...lookOf(sample) });
          return;
        }
        const { history, ...statistics } = sample.value;
        for (const missed of between(known, sample.value)) {
          emit({ type: 'observed.checkpoints', node, ...lookOf(sample), ...missed });
        }
        known = statistics.latest?.id;
        emit({ type: 'observed.checkpoints', node, ...lookOf(sample), ...statistics });
      };
      return pollForever(
        async (limit) => {
          const job = jobId();
          return job === undefined ? undefined : await api.checkpoints(job, limit);
        },
        tell,
        { every: PACE.every, clock: attention.paced(node, PACE), signal },
      );
    }),
  );
}

/** What looks between that one and this one would have shown: one for each checkpoint that completed meanwhile, the oldest first. */
function between(known: number | undefined, { completed, failed, latest, history }: CheckpointStatistics) {
  if (known === undefined || !latest) return [];
  const later = (id: number): number => history.filter((other) => other.id > id).length;
  return history
    .filter(({ id, savepoint }) => id > known && id < latest.id && !savepoint)
    .sort((a, b) => a.id - b.id)
    .map(({ id, triggeredAt, completedAt }) => ({
      completed: completed - later(id),
      failed,
      latest: { id, triggeredAt, completedAt },
    }));
}
