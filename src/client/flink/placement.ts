import { asking } from './first-answer.js';
import { ENDED } from './job-state.js';
import type { FlinkRest } from './rest.js';

/** Where a job's subtasks run, and who could run them. */
export interface JobPlacement {
  subtasksByTaskManager(signal: AbortSignal, of?: 'source' | 'sink'): Promise<Record<string, number>>;
  restoring(signal: AbortSignal): Promise<number>;
  freeSlots(signal: AbortSignal): Promise<number>;
  registeredTaskManagers(signal: AbortSignal): Promise<{ id: string; lastHeartbeat: number }[]>;
  jobs(signal: AbortSignal): Promise<Record<string, { ended: boolean }>>;
}

/**
 * Counts the job's subtasks by TaskManager id and those that restore their state, and lists the TaskManagers. Every JobManager is asked in turn until one
 * answers: each answers for the leader, or says that it cannot.
 * @param jobId of the job as it runs now: one that is started anew has another
 * @throws FlinchError FLINK_REST when none does; the signal's reason.
 */
export function createPlacement(rests: readonly FlinkRest[], jobId: () => string): JobPlacement {
  const ask = asking(rests, jobId);
  return {
    subtasksByTaskManager: (signal, of) => ask((rest, id) => countAt(rest, id, of, signal), signal),
    restoring: (signal) => ask((rest, id) => restoringAt(rest, id, signal), signal),
    freeSlots: async (signal) => (await ask((rest) => rest.overview(signal), signal)).slotsAvailable,
    registeredTaskManagers: (signal) => ask((rest) => rest.taskManagers(signal), signal),
    jobs: (signal) => ask((rest) => jobsAt(rest, signal), signal),
  };
}

async function jobsAt(rest: FlinkRest, signal: AbortSignal): Promise<Record<string, { ended: boolean }>> {
  const jobs = await rest.jobsOverview(signal);
  // What a leader had when it lost the leadership it lists as suspended when it leads again, and does not run.
  const live = jobs.filter(({ state }) => state !== 'SUSPENDED');
  return Object.fromEntries(live.map(({ id, state }) => [id, { ended: ENDED.has(state) }]));
}

/** Flink calls a subtask that restores its state initializing. */
async function restoringAt(rest: FlinkRest, jobId: string, signal: AbortSignal): Promise<number> {
  const job = (await rest.jobsOverview(signal)).find(({ id }) => id === jobId);
  return job?.tasks.initializing ?? 0;
}

/** What the names of vertices say of the operators that are chained in them. */
const OPERATORS = { source: /(^|-> )Source:/, sink: /Sink:|: (Writer|Committer)\b/ };

async function countAt(
  rest: FlinkRest,
  jobId: string,
  of: 'source' | 'sink' | undefined,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const { vertices } = await rest.job(jobId, signal);
  const meant = vertices.filter(({ name }) => of === undefined || OPERATORS[of].test(name));
  const subtasks = await Promise.all(meant.map(({ id }) => rest.vertex(jobId, id, signal)));
  const found: Record<string, number> = {};
  for (const { taskManager, status } of subtasks.flat()) {
    // A subtask that has ended still names the TaskManager where it was.
    if (taskManager === undefined || NOT_THERE.has(status)) continue;
    found[taskManager] = (found[taskManager] ?? 0) + 1;
  }
  return found;
}

const NOT_THERE = new Set(['FINISHED', 'FAILED', 'CANCELED', 'CREATED', 'SCHEDULED']);
