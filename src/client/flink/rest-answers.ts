import { rootCauseOfTrace } from './root-cause.js';
import { type Fields, fieldsOf, listOf, numberOf, optionalFieldsOf, optionalTextOf, textOf } from './shape.js';

export interface ClusterOverview {
  taskManagers: number;
  slotsTotal: number;
  slotsAvailable: number;
  flinkVersion: string;
}

/** `lastHeartbeat`: milliseconds since the epoch; 0 before the first one. */
export interface RegisteredTaskManager {
  id: string;
  lastHeartbeat: number;
}

/** One entry of /jobs/overview. `startTime`: milliseconds since the epoch, of the current JobManager's attempt. */
export interface JobOverview {
  id: string;
  name: string;
  state: string;
  startTime: number;
  /** When the job ended, or the state of one of its tasks changed last. The JobManager's clock, milliseconds since the epoch. */
  changed: number;
  total: number;
  running: number;
  finished: number;
  /** Every task count by its name: created, scheduled, deploying, initializing, running, ... */
  tasks: Record<string, number>;
}

export interface JobDetails {
  id: string;
  name: string;
  state: string;
  /** The JobManager's clock when it answered (or cached the answer), milliseconds since the epoch. */
  now: number;
  /** When the job entered each state last; 0 for never. */
  timestamps: Record<string, number>;
  /** `running`: tasks that run or are done, where that is told. */
  vertices: { id: string; name: string; parallelism: number; running?: number }[];
}

export interface ExceptionEntry {
  at: number;
  name: string;
  task?: string;
  taskManager?: string;
  /** The root cause in one line. */
  message: string;
}

export interface Subtask {
  index: number;
  status: string;
  attempt: number;
  /** Absent while the subtask has no slot. */
  taskManager?: string;
}

/** When the current attempt of a subtask entered each state, milliseconds since the epoch by the JobManager; 0 for never. */
export interface SubtaskTimes {
  index: number;
  timestamps: Record<string, number>;
}

/** One metric over the subtasks that have it. */
export interface AggregatedMetric {
  id: string;
  max: number;
  sum: number;
}

const counts = (fields: Fields): Record<string, number> =>
  Object.fromEntries(Object.keys(fields).map((key) => [key, numberOf(fields, key)]));

export function clusterOverview(body: unknown): ClusterOverview {
  const fields = fieldsOf(body);
  return {
    taskManagers: numberOf(fields, 'taskmanagers'),
    slotsTotal: numberOf(fields, 'slots-total'),
    slotsAvailable: numberOf(fields, 'slots-available'),
    flinkVersion: textOf(fields, 'flink-version'),
  };
}

export function jobsOverview(body: unknown): JobOverview[] {
  return listOf(fieldsOf(body), 'jobs').map((job) => {
    const tasks = counts(fieldsOf(job.tasks, '"tasks"'));
    return {
      id: textOf(job, 'jid'),
      name: textOf(job, 'name'),
      state: textOf(job, 'state'),
      startTime: numberOf(job, 'start-time'),
      changed: numberOf(job, 'last-modification'),
      total: numberOf(tasks, 'total'),
      running: numberOf(tasks, 'running'),
      finished: numberOf(tasks, 'finished'),
      tasks,
    };
  });
}

export function taskManagers(body: unknown): RegisteredTaskManager[] {
  // Despite its name the field is a moment, not an age.
  return listOf(fieldsOf(body), 'taskmanagers').map((entry) => ({
    id: textOf(entry, 'id'),
    lastHeartbeat: numberOf(entry, 'timeSinceLastHeartbeat'),
  }));
}

export function jobDetails(body: unknown): JobDetails {
  const fields = fieldsOf(body);
  return {
    id: textOf(fields, 'jid'),
    name: textOf(fields, 'name'),
    state: textOf(fields, 'state'),
    now: numberOf(fields, 'now'),
    timestamps: counts(fieldsOf(fields.timestamps, '"timestamps"')),
    vertices: listOf(fields, 'vertices').map((vertex) => ({
      id: textOf(vertex, 'id'),
      name: textOf(vertex, 'name'),
      parallelism: numberOf(vertex, 'parallelism'),
      ...runningOf(optionalFieldsOf(vertex, 'tasks')),
    })),
  };
}

function runningOf(tasks: Fields | undefined): { running?: number } {
  if (!tasks) return {};
  const { RUNNING = 0, FINISHED = 0 } = counts(tasks);
  return { running: RUNNING + FINISHED };
}

export function exceptionHistory(body: unknown): ExceptionEntry[] {
  const history = fieldsOf(fieldsOf(body).exceptionHistory, '"exceptionHistory"');
  const entries = listOf(history, 'entries').map((entry) => {
    const task = optionalTextOf(entry, 'taskName');
    const taskManager = optionalTextOf(entry, 'taskManagerId');
    const name = textOf(entry, 'exceptionName');
    return {
      at: numberOf(entry, 'timestamp'),
      name,
      ...(task && { task }),
      ...(taskManager && { taskManager }),
      message: rootCauseOfTrace(optionalTextOf(entry, 'stacktrace') ?? '') || name,
    };
  });
  return entries.sort((a, b) => a.at - b.at);
}

export function subtasks(body: unknown): Subtask[] {
  return listOf(fieldsOf(body), 'subtasks').map((subtask) => {
    const id = optionalTextOf(subtask, 'taskmanager-id');
    return {
      index: numberOf(subtask, 'subtask'),
      status: textOf(subtask, 'status'),
      attempt: numberOf(subtask, 'attempt'),
      ...(id && id !== '(unassigned)' && { taskManager: id }),
    };
  });
}

export function subtaskTimes(body: unknown): SubtaskTimes[] {
  return listOf(fieldsOf(body), 'subtasks').map((subtask) => ({
    index: numberOf(subtask, 'subtask'),
    timestamps: counts(fieldsOf(subtask.timestamps, '"timestamps"')),
  }));
}

export function configEntries(body: unknown): Record<string, string> {
  if (!Array.isArray(body)) throw new TypeError('the answer is not a list');
  return Object.fromEntries(
    body.map((entry) => {
      const fields = fieldsOf(entry, 'an entry');
      return [textOf(fields, 'key'), textOf(fields, 'value')];
    }),
  );
}

const listed = (body: unknown): Fields[] => {
  if (!Array.isArray(body)) throw new TypeError('the answer is not a list');
  return body.map((entry) => fieldsOf(entry, 'an entry'));
};

export const metricNames = (body: unknown): string[] => listed(body).map((entry) => textOf(entry, 'id'));

export const aggregatedMetrics = (body: unknown): AggregatedMetric[] =>
  listed(body).map((entry) => ({
    id: textOf(entry, 'id'),
    max: numberOf(entry, 'max'),
    sum: numberOf(entry, 'sum'),
  }));

/** Values by metric; one that is no number is left out. */
export const metricValues = (body: unknown): Map<string, number> =>
  new Map(
    listed(body).flatMap((entry) => {
      const value = Number(optionalTextOf(entry, 'value') ?? Number.NaN);
      return Number.isFinite(value) ? [[textOf(entry, 'id'), value] as const] : [];
    }),
  );
