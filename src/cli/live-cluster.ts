import { NEVER } from '../client/flink/checkpoint-answers.js';
import { createFlinkRest, type FlinkRest } from '../client/flink/rest.js';
import { type ServerTimes, serversIn, timesOfFirst } from '../client/zookeeper/four-letter.js';
import { messageOf } from '../core/error.js';

/** Milliseconds for one question to a ZooKeeper server. */
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
  /** Of its job, where one runs alone. `interval`: milliseconds between checkpoints; absent where it makes none. */
  job?: { parallelism: number; interval?: number };
  /** Absent where no server has told. */
  zookeeper?: ServerTimes;
  /** What could not be asked, a line each. */
  problems: string[];
}

/** @param servers host:port of its ZooKeeper, where its configuration does not name them. @throws FlinchError FLINK_REST */
export async function liveCluster(url: string, servers: readonly string[] | undefined): Promise<LiveCluster> {
  const rest = createFlinkRest(url);
  try {
    const [configured, overview] = await Promise.all([rest.jobManagerConfig(), rest.overview()]);
    const { taskManagers, slotsTotal } = overview;
    const problems: string[] = [];
    const job = await onlyJob(rest, problems);
    const named = serversIn(configured['high-availability.zookeeper.quorum'] ?? '');
    const asked = servers ?? named;
    // One that elects its leaders elsewhere has no session to be granted.
    const zookeeper = asked.length > 0 || isOnZooKeeper(configured) ? await timesOf(asked, problems) : undefined;
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

const isOnZooKeeper = (configured: Readonly<Record<string, string>>): boolean =>
  (configured['high-availability.type'] ?? configured['high-availability'])?.toLowerCase() === 'zookeeper';

async function onlyJob(rest: FlinkRest, problems: string[]): Promise<LiveCluster['job']> {
  const [job, ...others] = (await rest.jobsOverview()).filter(({ state }) => state === 'RUNNING');
  if (!job || others.length > 0) {
    problems.push(`the job: ${job ? `${others.length + 1} run` : 'none runs'}, so it is taken as the scenario has it`);
    return undefined;
  }
  const [{ interval }, { vertices }] = await Promise.all([rest.checkpointConfig(job.id), rest.job(job.id)]);
  const parallelism = Math.max(1, ...vertices.map((vertex) => vertex.parallelism));
  return { parallelism, ...(interval < NEVER ? { interval } : {}) };
}

async function timesOf(servers: readonly string[], problems: string[]): Promise<ServerTimes | undefined> {
  try {
    return await timesOfFirst(servers, { timeoutMs: SERVER_WITHIN });
  } catch (error) {
    problems.push(`the session that ZooKeeper grants: ${messageOf(error)}`);
    return undefined;
  }
}
