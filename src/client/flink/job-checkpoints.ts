import { firstAnswer } from './first-answer.js';
import type { CheckpointSummary, FlinkRest } from './rest.js';

/** How far the checkpoints of a job are. */
export interface CheckpointProgress {
  /** Milliseconds. */
  interval(signal: AbortSignal): Promise<number>;
  recent(signal: AbortSignal): Promise<CheckpointSummary[]>;
  acknowledgements(id: number, signal: AbortSignal): Promise<Record<string, { acknowledged: number; open: number }>>;
}

/** The job's checkpoints, and by TaskManager id who has acknowledged one. @throws FlinchError FLINK_REST; the signal's reason. */
export const createJobCheckpoints = (rests: readonly FlinkRest[], jobId: string): CheckpointProgress => ({
  interval: (signal) =>
    firstAnswer(rests, jobId, async (rest) => (await rest.checkpointConfig(jobId, signal)).interval, signal),
  recent: (signal) => firstAnswer(rests, jobId, (rest) => rest.checkpointHistory(jobId, signal), signal),
  acknowledgements: (id, signal) =>
    firstAnswer(rests, jobId, (rest) => acknowledgementsAt(rest, jobId, id, signal), signal),
});

async function acknowledgementsAt(rest: FlinkRest, jobId: string, id: number, signal: AbortSignal) {
  const { vertices } = await rest.job(jobId, signal);
  const found: Record<string, { acknowledged: number; open: number }> = {};
  for (const { id: vertex } of vertices) {
    const [placed, done] = await Promise.all([
      rest.vertex(jobId, vertex, signal),
      rest.checkpointSubtasks(jobId, id, vertex, signal),
    ]);
    for (const { index, taskManager = 'nowhere' } of placed) {
      found[taskManager] ??= { acknowledged: 0, open: 0 };
      const tally = found[taskManager];
      if (done.has(index)) tally.acknowledged++;
      else tally.open++;
    }
  }
  return found;
}
