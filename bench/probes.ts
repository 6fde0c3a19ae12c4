/**
 * What watching costs: `npm run bench:probes`. Of a large cluster (a peer that answers as one of 1,000 TaskManagers and 200 jobs
 * does) what this process takes; of a real one what its nodes take more while they are watched than while they are not.
 */
import { fork } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFlinkRest, type FlinkRest } from '../src/client/flink/rest.js';
import { openSqlSession } from '../src/client/flink/sql-gateway.js';
import { openLeaderStore } from '../src/client/zookeeper/leader-store.js';
import { systemClock } from '../src/core/clock.js';
import type { ClusterSpec } from '../src/core/scenario.js';
import type { EventBody } from '../src/journal/events.js';
import { SETTLED } from '../src/observe/attention.js';
import { type LeaderSource, observeAll } from '../src/observe/index.js';
import { prepare, startCluster } from '../src/target/local/index.js';

const JOB = '0123456789abcdef0123456789abcdef';
const TASK_MANAGERS = 1_000;
const JOBS = 200;
const VERTICES = 10;
const PARALLELISM = 100;
/** Milliseconds of one measurement. */
const WINDOW = 20_000;
/** Odd, for a median. */
const ROUNDS = 5;
/** Clock ticks a second of /proc. */
const TICKS = 100;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const percent = (share: number): string => `${(100 * share).toFixed(1)} % of a core`;

/** Answers of Flink's REST API, as long as its own. */
function answers(): Map<string, Buffer> {
  const resource = {
    cpuCores: 4,
    taskHeapMemory: 1024,
    taskOffHeapMemory: 0,
    managedMemory: 1024,
    networkMemory: 256,
    extendedResources: {},
  };
  const memory = Object.fromEntries(
    [
      'frameworkHeap',
      'taskHeap',
      'frameworkOffHeap',
      'taskOffHeap',
      'networkMemory',
      'managedMemory',
      'jvmMetaspace',
      'jvmOverhead',
      'totalFlinkMemory',
      'totalProcessMemory',
    ].map((name) => [name, 134_217_728]),
  );
  const taskmanagers = Array.from({ length: TASK_MANAGERS }, (_, i) => ({
    id: `10.0.${i >> 8}.${i & 255}:6122-${i.toString(16).padStart(6, '0')}`,
    path: `pekko.tcp://flink@10.0.${i >> 8}.${i & 255}:6122/user/rpc/taskmanager_0`,
    dataPort: 34_567,
    jmxPort: -1,
    timeSinceLastHeartbeat: Date.now(),
    slotsNumber: 4,
    freeSlots: 0,
    totalResource: resource,
    freeResource: resource,
    hardware: { cpuCores: 16, physicalMemory: 68_719_476_736, freeMemory: 1_073_741_824, managedMemory: 1_073_741_824 },
    memoryConfiguration: memory,
  }));
  const tasks = {
    total: VERTICES * PARALLELISM,
    created: 0,
    scheduled: 0,
    deploying: 0,
    running: VERTICES * PARALLELISM,
    finished: 0,
    canceling: 0,
    canceled: 0,
    failed: 0,
    reconciling: 0,
    initializing: 0,
  };
  const jobs = Array.from({ length: JOBS }, (_, i) => ({
    jid: i === 0 ? JOB : i.toString(16).padStart(32, '0'),
    name: `a-job-with-a-name-of-usual-length-${i}`,
    state: 'RUNNING',
    'start-time': 1,
    'end-time': -1,
    duration: 1,
    'last-modification': 1,
    tasks,
  }));
  const vertices = Array.from({ length: VERTICES }, (_, i) => ({
    id: `v${i}`,
    name: `vertex ${i}`,
    parallelism: PARALLELISM,
    tasks: { RUNNING: PARALLELISM },
  }));
  const subtasks = Array.from({ length: PARALLELISM }, (_, subtask) => ({
    subtask,
    host: 'h',
    duration: 1,
    timestamps: { CREATED: 2, SCHEDULED: 3, DEPLOYING: 4, INITIALIZING: 5, RUNNING: 6, FINISHED: 0 },
  }));
  const plan = { nodes: vertices.map(({ id }) => ({ id, description: 'x'.repeat(200) })) };
  const all: Record<string, unknown> = {
    '/jobs/overview': { jobs },
    '/taskmanagers': { taskmanagers },
    [`/jobs/${JOB}`]: {
      jid: JOB,
      name: 'a',
      state: 'RUNNING',
      now: Date.now(),
      timestamps: { INITIALIZING: 1, RUNNING: 2 },
      vertices,
      plan,
    },
    [`/jobs/${JOB}/checkpoints`]: {
      counts: { completed: 1, failed: 0 },
      latest: { completed: { id: 3, trigger_timestamp: 5, latest_ack_timestamp: 6 }, restored: null },
      history: [],
    },
    [`/jobs/${JOB}/exceptions`]: { exceptionHistory: { entries: [] } },
    ...Object.fromEntries(
      vertices.map(({ id }) => [`/jobs/${JOB}/vertices/${id}/subtasktimes`, { id, name: id, now: 1, subtasks }]),
    ),
  };
  return new Map(Object.entries(all).map(([path, body]) => [path, Buffer.from(JSON.stringify(body))]));
}

function bePeer(): void {
  const known = answers();
  const server = createServer(({ url = '' }, response) => {
    const body = known.get(url.replace(/\?.*/, ''));
    response.writeHead(body ? 200 : 404, { 'Content-Type': 'application/json', 'Content-Length': body?.length ?? 0 });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
}

interface Watched {
  /** Of this process, and of the nodes that were asked for, as shares of a core. */
  cpu: number;
  nodes: number;
  /** Looks at the jobs, and bytes to the journal, each second. */
  rate: number;
  bytes: number;
}

/** Watches for one window, closely or as while all is well. */
async function watched(
  rest: Record<string, FlinkRest>,
  open: () => LeaderSource & { close?(): unknown },
  job: string,
  { closely = false, pids = [] as readonly number[] } = {},
): Promise<Watched> {
  let looks = 0;
  let bytes = 0;
  const emit = (event: EventBody): void => {
    if (event.type === 'observed.jobs') looks++;
    bytes += JSON.stringify(event).length;
  };
  // One each: a watch that never comes stays with its connection.
  const leadership = open();
  const observing = observeAll({ rest, leadership, jobId: () => job, emit, clock: systemClock });
  await pause(SETTLED + 2_000);
  const held = closely ? setInterval(() => observing.alert(), SETTLED / 2) : undefined;
  if (closely) observing.alert();
  [looks, bytes] = [0, 0];
  const [before, nodesBefore] = [process.cpuUsage(), cpuOf(pids)];
  await pause(WINDOW);
  const { user, system } = process.cpuUsage(before);
  const nodes = (cpuOf(pids) - nodesBefore) / (WINDOW / 1000);
  clearInterval(held);
  await observing.stop();
  await leadership.close?.();
  return {
    cpu: (user + system) / 1000 / WINDOW,
    nodes,
    rate: (looks * 1000) / WINDOW,
    bytes: (bytes * 1000) / WINDOW,
  };
}

async function largeCluster(): Promise<void> {
  const peer = fork(fileURLToPath(import.meta.url), ['peer'], { stdio: 'inherit' });
  const port = await new Promise<number>((resolve) => peer.once('message', (message) => resolve(Number(message))));
  const apis = [createFlinkRest(`http://127.0.0.1:${port}`), createFlinkRest(`http://127.0.0.1:${port}`)];
  const rest = Object.fromEntries(apis.map((api, i) => [`jobmanager-${i + 1}`, api]));
  const leader = { address: `http://127.0.0.1:${port}`, session: 's', owner: 'o' };
  const leadership = () => ({ leader: async () => leader, contenders: async () => ['o'] });
  try {
    await watched(rest, leadership, JOB);
    for (const closely of [false, true]) {
      const { cpu, rate, bytes } = await watched(rest, leadership, JOB, { closely });
      console.log(
        `${TASK_MANAGERS} TaskManagers, ${JOBS} jobs, 2 JobManagers${closely ? ', closely' : ''}: ${rate.toFixed(1)} looks a second, ${percent(cpu)}, ${(bytes / 1000).toFixed(1)} kB/s to the journal`,
      );
    }
  } finally {
    for (const api of apis) api.close();
    peer.kill();
  }
}

/** Seconds of CPU that processes have had. */
const cpuOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / TICKS;
  }, 0);

const SPEC: ClusterSpec = {
  flink: '1.20',
  highAvailability: 'zookeeper',
  jobManagers: 2,
  taskManagers: 2,
  slots: 2,
  zookeepers: 1,
  brokers: 1,
  disk: 256 * 1024 ** 2,
  // The caches of the REST API as Flink has them unless told.
  flinkConfig: {
    'web.refresh-interval': '3000',
    'rest.cache.checkpoint-statistics.timeout': '3 s',
    'metrics.fetcher.update-interval': '10000',
  },
  zookeeperConfig: {},
  kafkaConfig: {},
};

async function submitted(gateway: string): Promise<string> {
  const signal = AbortSignal.timeout(120_000);
  const limits = { timeoutMs: 60_000, signal };
  const properties = {
    'execution.checkpointing.interval': '1 s',
    'parallelism.default': '2',
    'table.dml-sync': 'false',
  };
  const session = await openSqlSession(gateway, { name: 'probes', properties, timeoutMs: 60_000, signal });
  await session.run("CREATE TABLE a (x BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000')", limits);
  await session.run("CREATE TABLE b (x BIGINT) WITH ('connector' = 'blackhole')", limits);
  return session.insert('INSERT INTO b SELECT x FROM a', limits);
}

/** Without namespaces, so that processes have the numbers that this one knows them by. */
async function realCluster(): Promise<void> {
  process.env.FLINCH_ISOLATION = 'none';
  // As a cluster that runs for longer than a test is compiled.
  process.env._JAVA_OPTIONS = '-XX:TieredStopAtLevel=4';
  const runDir = join(tmpdir(), `flinch-probes-${process.pid}`);
  const signal = new AbortController().signal;
  const cluster = await startCluster(SPEC, await prepare(SPEC), { runDir, clock: systemClock, signal });
  try {
    const job = await submitted(cluster.endpoints.gateway);
    const rest = Object.fromEntries(
      Object.entries(cluster.endpoints.rest).map(([node, url]) => [node, createFlinkRest(url)]),
    );
    const { zookeeper: servers, haPath } = cluster.endpoints;
    const leadership = () => openLeaderStore({ servers, haPath });
    const identities = await Promise.all(cluster.nodes.map(({ name }) => cluster.processes.identify(name)));
    const pids = identities.flatMap((identity) => identity?.pid ?? []);
    for (let warm = 0; warm < 4; warm++) await watched(rest, leadership, job, { closely: true });
    const alone = async (): Promise<number> => {
      const before = cpuOf(pids);
      await pause(WINDOW);
      return (cpuOf(pids) - before) / (WINDOW / 1000);
    };
    const more: Record<'calm' | 'closely', number[]> = { calm: [], closely: [] };
    for (let round = 0; round < ROUNDS; round++) {
      // Alone before and after: what drifts meanwhile falls on both sides.
      const first = await alone();
      const calm = await watched(rest, leadership, job, { pids });
      const second = await alone();
      const close = await watched(rest, leadership, job, { pids, closely: true });
      const third = await alone();
      more.calm.push(calm.nodes - (first + second) / 2);
      more.closely.push(close.nodes - (second + third) / 2);
      console.log(
        `real cluster: ${[first, second, third].map(percent).join(', ')} alone; ${percent(calm.nodes)} watched ${calm.rate.toFixed(1)} times a second, Flinch ${percent(calm.cpu)}; ${percent(close.nodes)} watched closely, Flinch ${percent(close.cpu)}`,
      );
    }
    for (const [how, shares] of Object.entries(more)) {
      const sorted = shares.toSorted((a, b) => a - b);
      console.log(
        `watching costs the cluster, ${how}: ${percent(sorted[(ROUNDS - 1) / 2] ?? 0)} (median of ${ROUNDS}, from ${percent(sorted[0] ?? 0)} to ${percent(sorted.at(-1) ?? 0)})`,
      );
    }
    for (const api of Object.values(rest)) api.close();
  } finally {
    await cluster.stop({ record: false });
    rmSync(runDir, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'peer') bePeer();
else {
  if (process.argv[2] !== 'real') await largeCluster();
  if (process.argv[2] !== 'large') await realCluster();
  process.exit(0);
}
