import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlSession } from '../../../src/client/flink/sql-gateway.js';
import type { ClusterSpec } from '../../../src/core/scenario.js';
import { type Component, resolveJars } from '../../../src/target/local/artifacts.js';
import { freePorts } from '../../../src/target/local/free-ports.js';
import { launchOf } from '../../../src/target/local/launch.js';
import { endpointsOf, layOut, port, portsNeeded } from '../../../src/target/local/layout.js';
import { spawnNode } from '../../../src/target/local/node-process.js';
import { cacheDir } from '../../../src/target/local/paths.js';
import type { Prepared } from '../../../src/target/local/prepared.js';
import { findJava } from '../../../src/target/local/prerequisites.js';
import { talk } from '../../../src/target/local/reachable.js';
import { serves, taskManagersRegistered } from '../../../src/target/local/readiness.js';
import { startReaper } from '../../../src/target/local/reaper.js';
import { worldPaths } from '../../../src/target/local/world-paths.js';
import type { ClusterNode } from '../../../src/target/ports.js';
import { processesIn } from './processes.js';

/** Lines of Flink that tests run under Kubernetes HA: not all versions of flink-kubernetes can be had. */
export const KUBERNETES_LINES = {
  '1.20': { version: '1.20.1', pom: 'flink-kubernetes-1.20', label: 'Flink 1.20.1 with Kubernetes HA', jars: 54 },
  '2.2': { version: '2.2.0', pom: 'flink-kubernetes-2.2', label: 'Flink 2.2.0 with Kubernetes HA', jars: 52 },
} as const satisfies Record<string, Component & { version: string }>;

export type KubernetesLine = keyof typeof KUBERNETES_LINES;

export interface FlinkOptions {
  line: KubernetesLine;
  /** Whose control plane, and as whom. */
  plane: { readonly kubeconfig: string };
  /** Names the ConfigMaps: `<clusterId>-cluster-config-map`. */
  clusterId: string;
  /** 2 unless told. */
  jobManagers?: number;
  /** 1 unless told, with 2 slots each. */
  taskManagers?: number;
  /** Over the defaults, for every process. */
  config?: Readonly<Record<string, string>>;
}

/** A session cluster as plain processes on 127.0.0.1, whose leaders are elected in Kubernetes. Ends with this process, however it ends. */
export interface FlinkUnderKubernetes {
  /** Base URL of each JobManager's REST API, by its name: `jobmanager-1`, .. */
  readonly rest: Readonly<Record<string, string>>;
  /** Checkpoints and the HA store's files: below `shared`. */
  readonly dir: string;
  /** SIGKILL, and seen gone. Names as in `rest`, and `taskmanager-1`, .., `gateway`. */
  kill(name: string): Promise<void>;
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Starts a process again and waits until its port is open. */
  start(name: string): Promise<void>;
  pid(name: string): number;
  /** What a process has said, over all its starts. */
  log(name: string): string;
  /** Waits until this JobManager, or the leader that it asks, knows all TaskManagers. */
  whole(jobManager?: string): Promise<void>;
  /** Submits a job from `datagen` to `blackhole` that takes checkpoints, by an SQL gateway that the first call starts. Its id. */
  submit(): Promise<string>;
  end(): Promise<void>;
}

/** Milliseconds a process may take until it serves, and a cluster until it is whole; takeovers before it included. */
const START_MS = 180_000;
/** Milliseconds for one statement: the first one loads the planner. */
const STATEMENT_MS = 120_000;
const FETCH_MS = 20 * 60_000;

/** @throws FlinchError ARTIFACT_UNRESOLVED, PREREQUISITE_MISSING; Error with the end of the log of a process that does not come up */
export async function startFlinkUnderKubernetes(options: FlinkOptions): Promise<FlinkUnderKubernetes> {
  const { line, jobManagers = 2, taskManagers = 1 } = options;
  const spec = specOf(line, jobManagers, taskManagers);
  const prepared = await preparedFor(line);
  const dir = mkdtempSync(join(tmpdir(), 'flinch-flink-'));
  const paths = worldPaths(dir);
  for (const folder of [paths.shared, paths.plugins]) mkdirSync(folder);
  const nodes = layOut(spec, 'none', await freePorts(portsNeeded(spec))).filter(
    ({ role }) => role !== 'zookeeper' && role !== 'broker',
  );
  const node = (name: string): ClusterNode => {
    const found = nodes.find((it) => it.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const reaper = startReaper(dir);
  const processes = processesIn(dir, reaper);

  const start = async (name: string) => {
    const one = node(name);
    processes.mustNotRun(name);
    const flinkConfig = { ...underKubernetes(options, one), ...options.config };
    const launch = launchOf(one, { spec: { ...spec, flinkConfig }, prepared, nodes, paths, clusterId: '' });
    const { child } = spawnNode(one, launch, {
      java: prepared.java.path,
      log: processes.logFile(name),
      data: paths.data(name),
      flags: [],
      namespaced: false,
      reaper,
    });
    processes.adopt(name, child);
    const use = one.role === 'taskmanager' ? 'rpc' : 'rest';
    const open = async (limit: AbortSignal) => {
      if (one.role === 'gateway') return serves(one, limit);
      await talk(one.host, port(one, use), undefined, limit);
      return true;
    };
    await processes.until(`${name} that serves`, name, open, START_MS);
  };
  const whole = async (jobManager = 'jobmanager-1') => {
    const look = (limit: AbortSignal) => taskManagersRegistered(spec, [node(jobManager)], limit);
    await processes.until('all TaskManagers', jobManager, look, START_MS);
  };
  const cluster: FlinkUnderKubernetes = {
    rest: endpointsOf(nodes).rest,
    dir,
    kill: processes.kill,
    signal: processes.signal,
    start,
    pid: processes.pid,
    log: processes.log,
    whole,
    submit: async () => {
      if (!processes.runs('gateway')) await start('gateway');
      return submitted(endpointsOf(nodes).gateway);
    },
    end: async () => {
      await processes.end();
      reaper.dismiss();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    // At once, as JVMs wait for the disk and for each other.
    await Promise.all(nodes.filter(({ role }) => role !== 'gateway').map(({ name }) => start(name)));
    for (const name of Object.keys(cluster.rest)) await whole(name);
    return cluster;
  } catch (error) {
    await cluster.end();
    throw error;
  }
}

/** The cluster that the processes are configured for, less its ZooKeeper. */
export const specOf = (line: KubernetesLine, jobManagers: number, taskManagers: number): ClusterSpec => ({
  flink: line,
  highAvailability: 'zookeeper',
  jobManagers,
  taskManagers,
  slots: 2,
  zookeepers: 1,
  brokers: 1,
  disk: 0,
  flinkConfig: {},
  zookeeperConfig: {},
  kafkaConfig: {},
});

async function preparedFor(line: KubernetesLine): Promise<Prepared> {
  const component = KUBERNETES_LINES[line];
  const java = await findJava();
  const flink = await resolveJars(component, {
    cache: cacheDir(),
    onProgress: () => {},
    signal: AbortSignal.timeout(FETCH_MS),
  });
  return {
    flinkVersion: component.version,
    java,
    jars: { flink, kafka: [], zookeeper: [] },
    classDataDir: '',
    recordClassData: false,
    isolation: 'none',
    lacking: {},
  };
}

/** What a node of a local cluster is told in place of ZooKeeper. */
function underKubernetes({ plane, clusterId }: FlinkOptions, node: ClusterNode): Record<string, string> {
  return {
    'high-availability.type': 'kubernetes',
    'high-availability.zookeeper.quorum': '',
    'kubernetes.cluster-id': clusterId,
    'kubernetes.namespace': 'default',
    'kubernetes.config.file': plane.kubeconfig,
    // Here the port is not high-availability.jobmanager.port, and two JobManagers of one address need two.
    ...(node.role === 'jobmanager' && { 'jobmanager.rpc.port': String(port(node, 'rpc')) }),
  };
}

/** Submits the job of `submit` by the SQL gateway at a URL. Its id. */
export async function submitted(gateway: string): Promise<string> {
  const limits = { timeoutMs: STATEMENT_MS };
  const properties = { 'execution.checkpointing.interval': '1 s', 'table.dml-sync': 'false' };
  const session = await openSqlSession(gateway, { name: 'flinch', properties, ...limits });
  try {
    await session.run("CREATE TABLE a (x BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10')", limits);
    await session.run("CREATE TABLE b (x BIGINT) WITH ('connector' = 'blackhole')", limits);
    return await session.insert('INSERT INTO b SELECT x FROM a', limits);
  } finally {
    await session.close();
  }
}
