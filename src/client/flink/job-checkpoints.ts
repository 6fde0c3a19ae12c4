import { asking } from './first-answer.js';
import type { CheckpointSummary, FlinkRest } from './rest.js';

/** How far the checkpoints of a job are. */
export interface CheckpointProgress {
  /** Milliseconds. */
  interval(signal: AbortSignal): Promise<number>;
  recent(signal: AbortSignal, job?: string): Promise<CheckpointSummary[]>;
  acknowledgements(id: number, signal: AbortSignal): Promise<Record<string, { acknowledged: number; open: number }>>;
  state(signal: AbortSignal): Promise<{ id: number; bytes: Record<string, number> } | undefined>;
}

/** The job's checkpoints, and by TaskManager id who has acknowledged one. @throws FlinchError FLINK_REST; the signal's reason. */
export function createJobCheckpoints(rests: readonly FlinkRest[], jobId: () => string): CheckpointProgress {
  const ask = asking(rests, jobId);
  return {
    interval: (signal) => ask(async (rest, id) => (await rest.checkpointConfig(id, signal)).interval, signal),
    recent: (signal, job) => ask((rest, id) => rest.checkpointHistory(job ?? id, signal), signal),
    acknowledgements: (checkpoint, signal) =>
      ask((rest, id) => acknowledgementsAt(rest, id, checkpoint, signal), signal),
    state: (signal) => ask((rest, id) => stateAt(rest, id, signal), signal),
  };
}

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

async function stateAt(rest: FlinkRest, jobId: string, signal: AbortSignal) {
  const latest = (await rest.checkpointHistory(jobId, signal)).find(({ status }) => status === 'COMPLETED');
  if (!latest) return undefined;
  const { vertices } = await rest.job(jobId, signal);
  const bytes: Record<string, number> = {};
  for (const { id: vertex } of vertices) {
    const [placed, sizes] = await Promise.all([
      rest.vertex(jobId, vertex, signal),
      rest.checkpointSizes(jobId, latest.id, vertex, signal),
    ]);
    for (const { index, taskManager } of placed) {
      if (taskManager !== undefined) bytes[taskManager] = (bytes[taskManager] ?? 0) + (sizes.get(index) ?? 0);
    }
  }
  return { id: latest.id, bytes };
}
