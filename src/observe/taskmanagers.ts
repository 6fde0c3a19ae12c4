import type { RegisteredTaskManager } from '../client/flink/rest.js';
import { pollForever } from '../core/poll.js';
import type { Attention, Pace } from './attention.js';
import type { RestByNode } from './jobs.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

const PACE: Pace = { every: 500, leader: 5_000, others: 30_000 };
/** Milliseconds after which a look is told although it shows the same TaskManagers as the one before. */
const TOLD_EVERY = 2_000;

/** When the JobManager heard of them last, by its clock: of the one that it has not heard of for longest, and of any. */
function heartbeats(registered: readonly RegisteredTaskManager[]) {
  // One that has just come was not heard of yet.
  const all = registered.filter(({ lastHeartbeat }) => lastHeartbeat > 0);
  const [oldest] = all.toSorted((a, b) => a.lastHeartbeat - b.lastHeartbeat);
  if (!oldest) return {};
  const newest = all.reduce((most, { lastHeartbeat }) => Math.max(most, lastHeartbeat), 0);
  return { oldest: { id: oldest.id, at: oldest.lastHeartbeat }, newest };
}

/**
 * The registered TaskManagers, as each JobManager's endpoint tells them: their ids when they have changed, and now and then
 * when the JobManager heard of them last.
 */
export async function observeTaskManagers(
  { rest, attention }: { rest: RestByNode; attention: Attention },
  emit: Emit,
  { signal }: ObserverOptions,
): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) => {
      let told: { ids: string; at: number } | undefined;
      return pollForever(
        (limit) => api.taskManagers(limit),
        (sample) => {
          const ids = sample.value?.map(({ id }) => id).sort();
          const key = JSON.stringify(ids ?? null);
          const same = told?.ids === key;
          if (same && told && sample.start - told.at < TOLD_EVERY) return;
          told = { ids: key, at: sample.start };
          const seen = sample.value ? heartbeats(sample.value) : {};
          emit({ type: 'observed.taskmanagers', node, ...lookOf(sample), ...(ids && !same && { ids }), ...seen });
        },
        { every: PACE.every, clock: attention.paced(node, PACE), signal },
      );
    }),
  );
}
