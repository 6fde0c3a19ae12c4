import type { ClusterSpec } from '../../../core/scenario.js';
import type { ClusterNode } from '../../ports.js';
import { byRole, port } from '../layout.js';

/** server.properties of one node that is broker and KRaft controller at once, sized for a 256 MiB heap and a small disk. */
export function kafkaConfig(
  spec: ClusterSpec,
  node: ClusterNode,
  nodes: readonly ClusterNode[],
  data: string,
): Record<string, string> {
  const brokers = byRole(nodes, 'broker');
  const voters = brokers.map((broker, i) => `${i + 1}@${broker.host}:${port(broker, 'controller')}`);
  const replicas = String(Math.min(3, brokers.length));
  const inSync = brokers.length >= 3 ? '2' : '1';
  const client = `PLAINTEXT://${node.host}:${port(node, 'client')}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': kafkaNodeId(node, nodes),
    'controller.quorum.voters': voters.join(','),
    listeners: `${client},CONTROLLER://${node.host}:${port(node, 'controller')}`,
    'advertised.listeners': client,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': `${data}/log`,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '4',
    // A sink may ask for any transaction timeout up to this one.
    'transaction.max.timeout.ms': '3600000',
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '2000',
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    'log.segment.bytes': '16777216',
    'metadata.log.segment.bytes': '16777216',
    'log.index.size.max.bytes': '1048576',
    'log.cleaner.threads': '1',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'num.network.threads': '1',
    'num.io.threads': '2',
    'background.threads': '2',
    'num.recovery.threads.per.data.dir': '1',
    ...spec.kafkaConfig,
  };
}

export const kafkaNodeId = (node: ClusterNode, nodes: readonly ClusterNode[]): string =>
  String(byRole(nodes, 'broker').findIndex((broker) => broker.name === node.name) + 1);

/** What `kafka-storage format` would leave in a log directory; saves starting a JVM for it. */
export const metaProperties = (clusterId: string, nodeId: string, directoryId: string): string =>
  `version=1\ncluster.id=${clusterId}\nnode.id=${nodeId}\ndirectory.id=${directoryId}\n`;
