import { FlinchError } from '../../core/error.js';
import type { FlinkRest } from './rest.js';

/** Where a job's subtasks run. */
export interface JobPlacement {
  subtasksByTaskManager(signal: AbortSignal): Promise<Record<string, number>>;
}

/**
 * Counts the job's subtasks by TaskManager id. Every JobManager is asked in turn until one answers.
 * @throws FlinchError FLINK_REST when none does; the signal's reason.
 */
export function createPlacement(rests: readonly FlinkRest[], jobId: string): JobPlacement {
  return {
    async subtasksByTaskManager(signal) {
      let last: unknown;
      for (const rest of rests) {
        try {
          return await countAt(rest, jobId, signal);
        } catch (error) {
          signal.throwIfAborted();
          last = error;
        }
      }
      if (last !== undefined) throw last;
      throw new FlinchError('FLINK_REST', { what: 'no JobManager to ask where the job runs', on: jobId });
    },
  };
}

async function countAt(rest: FlinkRest, jobId: string, signal: AbortSignal): Promise<Record<string, number>> {
  const { vertices } = await rest.job(jobId, signal);
  const subtasks = await Promise.all(vertices.map(({ id }) => rest.vertex(jobId, id, signal)));
  const found: Record<string, number> = {};
  for (const { taskManager, status } of subtasks.flat()) {
    // A subtask that has ended still names the TaskManager where it was.
    if (taskManager === undefined || NOT_THERE.has(status)) continue;
    found[taskManager] = (found[taskManager] ?? 0) + 1;
  }
  return found;
}

const NOT_THERE = new Set(['FINISHED', 'FAILED', 'CANCELED', 'CREATED', 'SCHEDULED']);
