import { cpus, release, totalmem } from 'node:os';
import type { EventBody, EventOf, NodeRecord } from '../../journal/events.js';
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
      const pid = (await cluster.processes.identify(name))?.pid;
      return { name, role, host: address, ports: { ...ports }, ...(pid === undefined ? {} : { pid }) };
    }),
  );

/** The same cluster, each start of a node journalled. */
export function announcingStarts(cluster: Cluster, emit: (event: EventBody) => void): Cluster {
  const { target, flinkVersion, isolation, nodes, endpoints, processes, network, disks, names, deadManArmed } = cluster;
  const announced: ProcessControl = {
    identify: (node) => processes.identify(node),
    alive: (identity) => processes.alive(identity),
    stopped: (identity) => processes.stopped(identity),
    signal: (identity, signal) => processes.signal(identity, signal),
    clockOf: (node) => processes.clockOf(node),
    async start(node, how) {
      const identity = await processes.start(node, how);
      emit({ type: 'node.started', node, pid: identity.pid });
      return identity;
    },
  };
  return {
    target,
    flinkVersion,
    isolation,
    nodes,
    endpoints,
    processes: announced,
    network,
    disks,
    names,
    deadManArmed,
    logFile: (node) => cluster.logFile(node),
    onExit: (listener) => cluster.onExit(listener),
  };
}

/** Journals every process that ends; one that no fault was aimed at is trouble. Stops when the returned function is called. */
export function recordExits(cluster: Cluster, { emit, events }: Recorder): () => void {
  return cluster.onExit(({ node, pid, code, signal }) => {
    emit({ type: 'node.exited', node, pid, code, signal });
    const aimed = events.flatMap((event) => (event.type === 'fault.resolved' ? [event] : []));
    const victims = aimed.flatMap((event) => [event, ...(event.also ?? [])]);
    const meant = victims.some((victim) => victim.pid === pid);
    // Its own start is ended once more when the clock is set right.
    const skewed = aimed.some(({ kind, node: of, also = [], fault }) => {
      const there = of === node || also.some((other) => other.node === node);
      const healed = events.some((event) => event.type === 'fault.healed' && event.fault === fault);
      return kind === 'clockSkew' && there && !healed;
    });
    if (!meant && !skewed) {
      const message = `${node} (process ${pid}) exited with ${signal ?? `code ${code}`}; no fault was aimed at it`;
      emit({ type: 'trouble', code: 'NODE_EXITED', message });
    }
  });
}
