import { cpus, release, totalmem } from 'node:os';
import type { EventBody, EventOf, NodeRecord } from '../../journal/events.js';
import { ranAs } from '../../journal/ran-as.js';
import { readSettings } from '../../observe/settings.js';
import type { Cluster, ProcessControl } from '../../target/ports.js';
import type { ClusterAccess } from '../cluster/cluster-access.js';
import type { Acquired } from '../cluster/cluster-source.js';
import type { Recorder } from '../recorder.js';

type Emit = Recorder['emit'];

/** Of the machine that Flinch runs on. */
export const host = (): EventOf<'run.started'>['host'] => ({
  platform: process.platform,
  kernel: release(),
  cpus: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
});

/** Journals what the cluster is made of, and returns its settings. */
export async function recordCluster(
  { cluster, reused, tookMs }: Acquired,
  access: ClusterAccess,
  emit: Emit,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const { target, flinkVersion, isolation, endpoints } = cluster;
  const deps = { rests: Object.values(access.rest), zookeeper: endpoints.zookeeper };
  const [nodes, { settings, problems }] = await Promise.all([nodeRecords(cluster), readSettings(deps, signal)]);
  emit({ type: 'cluster.up', target, flinkVersion, isolation, reused, tookMs, nodes, settings });
  for (const message of problems) emit({ type: 'trouble', code: 'FLINK_REST', message });
  return settings;
}

const nodeRecords = (cluster: Cluster): Promise<NodeRecord[]> =>
  Promise.all(
    cluster.nodes.map(async ({ name, role, host: address, ports }) => {
      const { pid, pod } = (await cluster.processes.identify(name)) ?? {};
      const process = { ...(pid === undefined ? {} : { pid }), ...(pod === undefined ? {} : { pod }) };
      return { name, role, host: address, ports: { ...ports }, ...process };
    }),
  );

/** Signals that end a process. */
const ENDING: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM']);

/** The same cluster, each start of a node journalled; and the processes that the run itself has asked to end, by PID. */
export function announced(
  cluster: Cluster,
  emit: (event: EventBody) => void,
): { cluster: Cluster; asked: ReadonlySet<number> } {
  const asked = new Set<number>();
  const { processes } = cluster;
  const told: ProcessControl = {
    identify: (node) => processes.identify(node),
    alive: (identity) => processes.alive(identity),
    stopped: (identity) => processes.stopped(identity),
    signal(identity, signal) {
      if (ENDING.has(signal)) asked.add(identity.pid);
      return processes.signal(identity, signal);
    },
    clockOf: (node) => processes.clockOf(node),
    async start(node, how) {
      const identity = await processes.start(node, how);
      emit({ type: 'node.started', node, pid: identity.pid });
      return identity;
    },
  };
  const { target, flinkVersion, isolation, nodes, endpoints, memory, network, disks, filler, names } = cluster;
  const {
    pods,
    machines,
    scaling,
    access,
    images,
    podChaos,
    policies,
    leadership,
    configMaps,
    operatorPods,
    deployment,
    nodeOfTaskManager,
    deadManArmed,
  } = cluster;
  // Every key, also those that may be absent: what is forgotten here a fault would miss.
  const same: Cluster & Record<keyof Cluster, unknown> = {
    target,
    flinkVersion,
    isolation,
    nodes,
    endpoints,
    processes: told,
    memory,
    network,
    disks,
    filler,
    names,
    pods,
    machines,
    scaling,
    access,
    images,
    podChaos,
    policies,
    leadership,
    configMaps,
    operatorPods,
    deployment,
    nodeOfTaskManager,
    deadManArmed,
    logFile: (node) => cluster.logFile(node),
    onExit: (listener) => cluster.onExit(listener),
  };
  return { cluster: same, asked };
}

/**
 * Journals every process that ends; one that no fault was aimed at, and that nobody has asked to end, is trouble. Stops when
 * the returned function is called.
 * @param asked PIDs of those that faults and healing have asked
 */
export function recordExits(
  cluster: Pick<Cluster, 'onExit'>,
  asked: ReadonlySet<number>,
  { emit, events }: Recorder,
): () => void {
  return cluster.onExit(({ node, pid, pod, code, signal }) => {
    emit({ type: 'node.exited', node, pid, ...(pod === undefined ? {} : { pod }), code, signal });
    const aimed = events.flatMap((event) => (event.type === 'fault.resolved' ? [event] : []));
    const victims = aimed.flatMap((event) => [event, ...(event.also ?? [])]);
    if (!asked.has(pid) && !victims.some((victim) => victim.pid === pid)) {
      const message = `${node} (${ranAs({ pid, pod })}) exited with ${signal ?? `code ${code}`}; no fault was aimed at it`;
      emit({ type: 'trouble', code: 'NODE_EXITED', message });
    }
  });
}
