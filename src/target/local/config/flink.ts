import type { ClusterSpec } from '../../../core/scenario.js';
import type { ClusterNode } from '../../ports.js';
import { byRole, HA_PATH, port } from '../layout.js';
import { taskManagerMemory } from './memory.js';

export interface FlinkPaths {
  /** Directory for the node's temporary files. */
  data: string;
  /** Directory that all nodes share: checkpoints and the high-availability store's files. */
  shared: string;
}

/**
 * Flink's configuration of one node. Sets nothing that shapes a recovery's timing: sessions, heartbeats and restart
 * strategies stay at Flink's defaults unless the scenario says otherwise. What is set makes the cluster small and its
 * REST API fresh enough to be sampled.
 */
export function flinkConfig(
  spec: ClusterSpec,
  node: ClusterNode,
  nodes: readonly ClusterNode[],
  { data, shared }: FlinkPaths,
): Record<string, string> {
  const quorum = byRole(nodes, 'zookeeper').map((zk) => `${addressOf(spec, zk)}:${port(zk, 'client')}`);
  return {
    'high-availability.type': spec.highAvailability,
    'high-availability.storageDir': `file://${shared}/ha`,
    'high-availability.zookeeper.quorum': quorum.join(','),
    'high-availability.cluster-id': HA_PATH.slice('/flink'.length),
    'execution.checkpointing.dir': `file://${shared}/checkpoints`,
    'execution.checkpointing.savepoint-dir': `file://${shared}/savepoints`,
    'execution.checkpointing.incremental': 'true',
    'io.tmp.dirs': data,
    'jobstore.type': 'Memory',
    'web.submit.enable': 'false',
    'web.refresh-interval': '200',
    'rest.cache.checkpoint-statistics.timeout': '200 ms',
    'metrics.fetcher.update-interval': '1000',
    ...roleConfig(spec, node, data),
    ...spec.flinkConfig,
  };
}

/** By what the others find it. */
const addressOf = ({ names }: ClusterSpec, { name, host }: ClusterNode): string => (names ? name : host);

function roleConfig(spec: ClusterSpec, node: ClusterNode, data: string): Record<string, string> {
  if (node.role === 'jobmanager') {
    return {
      'jobmanager.rpc.address': addressOf(spec, node),
      'jobmanager.bind-host': node.host,
      'high-availability.jobmanager.port': String(port(node, 'rpc')),
      'blob.server.port': String(port(node, 'blob')),
      'blob.storage.directory': data,
      'rest.address': addressOf(spec, node),
      'rest.bind-address': node.host,
      'rest.port': String(port(node, 'rest')),
      'rest.bind-port': String(port(node, 'rest')),
    };
  }
  if (node.role === 'taskmanager') {
    return {
      'taskmanager.host': addressOf(spec, node),
      'taskmanager.bind-host': node.host,
      'taskmanager.rpc.port': String(port(node, 'rpc')),
      'taskmanager.data.port': String(port(node, 'data')),
      'taskmanager.resource-id': node.name,
      'taskmanager.numberOfTaskSlots': String(spec.slots),
      'taskmanager.cpu.cores': String(spec.slots),
      'taskmanager.network.memory.buffers-per-channel': '2',
      ...taskManagerMemory(spec.slots, spec.flinkConfig).config,
    };
  }
  // No rest.port or rest.bind-port here: the gateway would take them for its own endpoint.
  return {
    'rest.address': node.host,
    'sql-gateway.endpoint.rest.address': node.host,
    'sql-gateway.endpoint.rest.bind-address': node.host,
    'sql-gateway.endpoint.rest.port': String(port(node, 'rest')),
  };
}

/** config.yaml with every value quoted, which all lines of Flink read. */
export const toYaml = (config: Readonly<Record<string, string>>): string =>
  Object.entries(config)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
