import type { ClusterSpec } from '../../../core/scenario.js';
import type { ClusterNode } from '../../ports.js';
import { byRole, port } from '../layout.js';

/** zoo.cfg of one server. tickTime is ZooKeeper's own 2000 ms, which bounds sessions to 4..40 s, unless the scenario sets it. */
export function zookeeperConfig(spec: ClusterSpec, node: ClusterNode, nodes: readonly ClusterNode[], data: string) {
  const ensemble = byRole(nodes, 'zookeeper');
  const servers =
    ensemble.length === 1
      ? []
      : ensemble.map((zk, i) => [`server.${i + 1}`, `${zk.host}:${port(zk, 'quorum')}:${port(zk, 'election')}`]);
  const config: Record<string, string> = {
    tickTime: '2000',
    initLimit: '10',
    syncLimit: '5',
    dataDir: data,
    clientPort: String(port(node, 'client')),
    clientPortAddress: node.host,
    maxClientCnxns: '200',
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    ...Object.fromEntries(servers),
    ...spec.zookeeperConfig,
  };
  return { config, myid: String(ensemble.findIndex((zk) => zk.name === node.name) + 1) };
}
