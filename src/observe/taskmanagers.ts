import { pollForever } from '../core/poll.js';
import type { RestByNode } from './jobs.js';
import { type Emit, lookOf, type ObserverOptions } from './look.js';

/** Milliseconds between looks. */
const EVERY = 500;

/** Ids of the registered TaskManagers, as each JobManager's endpoint tells them. */
export async function observeTaskManagers(
  rest: RestByNode,
  emit: Emit,
  { clock, signal }: ObserverOptions,
): Promise<void> {
  await Promise.all(
    Object.entries(rest).map(([node, api]) =>
      pollForever(
        async (limit) => (await api.taskManagers(limit)).map(({ id }) => id).sort(),
        (sample) =>
          emit({ type: 'observed.taskmanagers', node, ...lookOf(sample), ...(sample.value && { ids: sample.value }) }),
        { every: EVERY, clock, signal },
      ),
    ),
  );
}
