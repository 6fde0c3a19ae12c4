import { createFlinkRest, type FlinkRest } from '../client/flink/rest.js';
import { type ServerTimes, serversIn, timesOfFirst } from '../client/zookeeper/four-letter.js';
import { messageOf } from '../core/error.js';

/** Milliseconds for all questions. */
const ASKED_WITHIN = 30_000;
/** Milliseconds for one to a ZooKeeper server. */
const SERVER_WITHIN = 3_000;

/** What a cluster that runs says of itself, as far as it shapes a recovery. */
export interface LiveCluster {
  /** A REST endpoint of it. */
  url: string;
  /** As its JobManager was configured, without defaults. */
  configured: Record<string, string>;
  taskManagers: number;
  /** Of each TaskManager. */
  slots: number;
  /** Of its job, where one runs alone. `interval`: milliseconds between checkpoints. */
  job?: { parallelism: number; interval: number };
  /** Absent where no server has told. */
  zookeeper?: ServerTimes;
  /** What could not be asked, a line each. */
  problems: string[];
}

/** @param servers host:port of its ZooKeeper, where its configuration does not name them. @throws FlinchError FLINK_REST */
export async function liveCluster(url: string, servers: readonly string[] | undefined): Promise<LiveCluster> {
  const rest = createFlinkRest(url);
  const signal = AbortSignal.timeout(ASKED_WITHIN);
  try {
    const [configured, overview] = await Promise.all([rest.jobManagerConfig(signal), rest.overview(signal)]);
    const { taskManagers, slotsTotal } = overview;
    const problems: string[] = [];
    const job = await onlyJob(rest, problems, signal);
    const zookeeper = await timesOf(
      servers ?? serversIn(configured['high-availability.zookeeper.quorum'] ?? ''),
      problems,
      signal,
    );
    return {
      url,
      configured,
      taskManagers,
      slots: taskManagers > 0 ? Math.floor(slotsTotal / taskManagers) : 0,
      ...(job && { job }),
      ...(zookeeper && { zookeeper }),
      problems,
    };
  } finally {
    rest.close();
  }
}

async function onlyJob(rest: FlinkRest, problems: string[], signal: AbortSignal): Promise<LiveCluster['job']> {
  const [job, ...others] = (await rest.jobsOverview(signal)).filter(({ state }) => state === 'RUNNING');
  if (!job || others.length > 0) {
    problems.push(`the job: ${job ? `${others.length + 1} run` : 'none runs'}, so it is taken as the scenario has it`);
    return undefined;
  }
  const [{ interval }, { vertices }] = await Promise.all([
    rest.checkpointConfig(job.id, signal),
    rest.job(job.id, signal),
  ]);
  return { interval, parallelism: Math.max(...vertices.map(({ parallelism }) => parallelism)) };
}

async function timesOf(
  servers: readonly string[],
  problems: string[],
  signal: AbortSignal,
): Promise<ServerTimes | undefined> {
  try {
    return await timesOfFirst(servers, { timeoutMs: SERVER_WITHIN, signal });
  } catch (error) {
    signal.throwIfAborted();
    problems.push(`the session that ZooKeeper grants: ${messageOf(error)}`);
    return undefined;
  }
}
