import { createHttp, type Http } from '../http.js';
import * as checkpoints from './checkpoint-answers.js';
import { type ResourceRequirements, requirementsBody, resourceRequirements } from './resource-requirements.js';
import * as read from './rest-answers.js';
import { rootCauseOfBody } from './root-cause.js';
import * as savepoints from './savepoint-answers.js';

export type * from './checkpoint-answers.js';
export type * from './rest-answers.js';
export type * from './savepoint-answers.js';

/** Milliseconds. A JobManager that asks a dead leader needs over 1.5 s to say so. */
export const REST_TIMEOUT = 3000;

export interface FlinkRestOptions {
  /** Milliseconds for each call. */
  timeoutMs?: number;
  /** Connections at once; what goes beyond waits within its time. */
  maxSockets?: number | undefined;
  /** Shared connections; without it the client has its own. */
  http?: Http;
}

/**
 * Flink's REST API at one JobManager, for Flink 1.20 to 2.3. Every call ends within its timeout and throws a
 * FlinchError FLINK_REST (see `httpFailure`) or the signal's reason.
 */
export interface FlinkRest {
  readonly baseUrl: string;
  overview(signal?: AbortSignal): Promise<read.ClusterOverview>;
  /** Not cached by Flink, unlike everything below it but `taskManagers`. */
  jobsOverview(signal?: AbortSignal): Promise<read.JobOverview[]>;
  taskManagers(signal?: AbortSignal): Promise<read.RegisteredTaskManager[]>;
  job(id: string, signal?: AbortSignal): Promise<read.JobDetails>;
  checkpoints(id: string, signal?: AbortSignal): Promise<checkpoints.CheckpointStatistics>;
  /** The latest ones, the newest first; Flink keeps the last 10 by default. */
  checkpointHistory(id: string, signal?: AbortSignal): Promise<checkpoints.CheckpointSummary[]>;
  /** Where its latest checkpoint and savepoint lie. */
  snapshots(id: string, signal?: AbortSignal): Promise<savepoints.Snapshots>;
  /** Indexes of the subtasks of a vertex that have acknowledged a checkpoint. */
  checkpointSubtasks(id: string, checkpoint: number, vertex: string, signal?: AbortSignal): Promise<Set<number>>;
  /** Bytes of state that each of its subtasks, by index, had in a checkpoint. */
  checkpointSizes(id: string, checkpoint: number, vertex: string, signal?: AbortSignal): Promise<Map<number, number>>;
  checkpointConfig(id: string, signal?: AbortSignal): Promise<checkpoints.CheckpointConfig>;
  /** Oldest first; Flink keeps the last 16 by default. */
  exceptions(id: string, signal?: AbortSignal): Promise<read.ExceptionEntry[]>;
  vertex(id: string, vertex: string, signal?: AbortSignal): Promise<read.Subtask[]>;
  subtaskTimes(id: string, vertex: string, signal?: AbortSignal): Promise<read.SubtaskTimes[]>;
  /** Names of the metrics that subtasks of a vertex have; none at the first call, which only lets Flink fetch them. */
  metricNames(id: string, vertex: string, signal?: AbortSignal): Promise<string[]>;
  /** Metrics of a vertex's subtasks, as old as `metrics.fetcher.update-interval` (10 s by default). */
  metrics(id: string, vertex: string, names: readonly string[], signal?: AbortSignal): Promise<read.AggregatedMetric[]>;
  /** Metrics of single subtasks of a vertex, named `<subtask>.<metric>`. */
  metricValues(
    id: string,
    vertex: string,
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, number>>;
  /** What this process was configured with, without defaults. */
  jobManagerConfig(signal?: AbortSignal): Promise<Record<string, string>>;
  /** Asks for the job's cancellation; returning says only that it was accepted. */
  cancel(id: string, signal?: AbortSignal): Promise<void>;
  /** Asks for a savepoint in the configured directory; returns the id to ask for its outcome with. */
  savepoint(id: string, signal?: AbortSignal): Promise<string>;
  /** Asks for a stop with a savepoint, likewise. */
  stop(id: string, signal?: AbortSignal): Promise<string>;
  /** What became of such a request. Its leader forgets it after 5 min, and with its end. */
  savepointAnswer(id: string, request: string, signal?: AbortSignal): Promise<savepoints.SavepointAnswer>;
  /** The bounds of the job's parallelism; the adaptive scheduler alone has some. */
  requirements(id: string, signal?: AbortSignal): Promise<ResourceRequirements>;
  /** Sets them, for all vertices; returning says only that it was accepted. */
  require(id: string, wanted: ResourceRequirements, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** @param baseUrl e.g. `http://10.77.0.31:8081` */
export function createFlinkRest(
  baseUrl: string,
  { timeoutMs = REST_TIMEOUT, maxSockets, http }: FlinkRestOptions = {},
): FlinkRest {
  const base = baseUrl.replace(/\/+$/, '');
  const client = http ?? createHttp({ code: 'FLINK_REST', maxSockets, explain: rootCauseOfBody });
  const get = <T>(path: string, reader: (body: unknown) => T, signal: AbortSignal | undefined): Promise<T> =>
    client.getJson(`${base}${path}`, reader, { timeoutMs, signal });
  const post = <T>(path: string, body: object, reader: (body: unknown) => T, signal: AbortSignal | undefined) =>
    client.postJson(`${base}${path}`, body, reader, { timeoutMs, signal });
  return {
    baseUrl: base,
    overview: (signal) => get('/overview', read.clusterOverview, signal),
    jobsOverview: (signal) => get('/jobs/overview', read.jobsOverview, signal),
    taskManagers: (signal) => get('/taskmanagers', read.taskManagers, signal),
    job: (id, signal) => get(`/jobs/${id}`, read.jobDetails, signal),
    checkpoints: (id, signal) => get(`/jobs/${id}/checkpoints`, checkpoints.checkpointStatistics, signal),
    checkpointHistory: (id, signal) => get(`/jobs/${id}/checkpoints`, checkpoints.checkpointHistory, signal),
    snapshots: (id, signal) => get(`/jobs/${id}/checkpoints`, savepoints.snapshots, signal),
    checkpointSubtasks: (id, checkpoint, vertex, signal) =>
      get(`/jobs/${id}/checkpoints/details/${checkpoint}/subtasks/${vertex}`, checkpoints.acknowledgedSubtasks, signal),
    checkpointSizes: (id, checkpoint, vertex, signal) =>
      get(`/jobs/${id}/checkpoints/details/${checkpoint}/subtasks/${vertex}`, checkpoints.stateSizes, signal),
    checkpointConfig: (id, signal) => get(`/jobs/${id}/checkpoints/config`, checkpoints.checkpointConfig, signal),
    exceptions: (id, signal) => get(`/jobs/${id}/exceptions?maxExceptions=100`, read.exceptionHistory, signal),
    vertex: (id, vertex, signal) => get(`/jobs/${id}/vertices/${vertex}`, read.subtasks, signal),
    subtaskTimes: (id, vertex, signal) => get(`/jobs/${id}/vertices/${vertex}/subtasktimes`, read.subtaskTimes, signal),
    metricNames: (id, vertex, signal) =>
      get(`/jobs/${id}/vertices/${vertex}/subtasks/metrics`, read.metricNames, signal),
    metrics: async (id, vertex, names, signal) => {
      const path = `/jobs/${id}/vertices/${vertex}/subtasks/metrics?agg=max,sum&get=`;
      const parts = inLines(names).map((part) => get(`${path}${part}`, read.aggregatedMetrics, signal));
      return (await Promise.all(parts)).flat();
    },
    metricValues: async (id, vertex, names, signal) => {
      const path = `/jobs/${id}/vertices/${vertex}/metrics?get=`;
      const parts = inLines(names).map((part) => get(`${path}${part}`, read.metricValues, signal));
      return new Map((await Promise.all(parts)).flatMap((part) => [...part]));
    },
    jobManagerConfig: (signal) => get('/jobmanager/config', read.configEntries, signal),
    savepoint: (id, signal) => post(`/jobs/${id}/savepoints`, { 'cancel-job': false }, savepoints.requestId, signal),
    stop: (id, signal) => post(`/jobs/${id}/stop`, { drain: false }, savepoints.requestId, signal),
    savepointAnswer: (id, request, signal) =>
      get(`/jobs/${id}/savepoints/${request}`, savepoints.savepointAnswer, signal),
    cancel: (id, signal) => client.send('PATCH', `${base}/jobs/${id}?mode=cancel`, undefined, { timeoutMs, signal }),
    requirements: (id, signal) => get(`/jobs/${id}/resource-requirements`, resourceRequirements, signal),
    require: (id, wanted, signal) =>
      client.send('PUT', `${base}/jobs/${id}/resource-requirements`, requirementsBody(wanted), { timeoutMs, signal }),
    close: () => {
      if (!http) client.close();
    },
  };
}

/** Flink takes request lines of up to 4096 bytes. */
const LONGEST_LIST = 3000;

/** Names as comma-separated lists, none of them too long for a request line. */
function inLines(names: readonly string[]): string[] {
  const lines: string[] = [];
  for (const name of names.map(encodeURIComponent)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + name.length < LONGEST_LIST) lines[lines.length - 1] = `${last},${name}`;
    else lines.push(name);
  }
  return lines;
}
