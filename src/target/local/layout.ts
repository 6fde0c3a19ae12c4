import type { ClusterSpec } from '../../core/scenario.js';
import type { ClusterEndpoints, ClusterNode, Isolation, Role } from '../ports.js';

/** Flink's path in ZooKeeper: high-availability.zookeeper.path.root and cluster-id. */
export const HA_PATH = '/flink/flinch';
/** The bridge's own address, from which Flinch speaks to the nodes. */
export const WORLD_ADDRESS = '10.77.0.1';

/** A node and its last address byte; every role has a decade of its own. */
interface Place {
  name: string;
  role: Role;
  last: number;
}

/** Ports of each role when every node has an address of its own: the programs' usual ones. */
const PORTS: Readonly<Record<Role, Readonly<Record<string, number>>>> = {
  zookeeper: { client: 2181, quorum: 2888, election: 3888 },
  broker: { client: 9092, controller: 9093 },
  jobmanager: { rest: 8081, rpc: 6123, blob: 6124 },
  taskmanager: { rpc: 6122, data: 6121 },
  gateway: { rest: 8083 },
};

function places(spec: ClusterSpec): Place[] {
  const many = (role: Role, count: number, base: number): Place[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${role}-${i + 1}`, role, last: base + i + 1 }));
  return [
    ...many('zookeeper', spec.zookeepers, 10),
    ...many('broker', spec.brokers, 20),
    ...many('jobmanager', spec.jobManagers, 30),
    ...many('taskmanager', spec.taskManagers, 100),
    { name: 'gateway', role: 'gateway', last: 51 },
  ];
}

/** How many ports `layOut` takes when the nodes share 127.0.0.1. */
export const portsNeeded = (spec: ClusterSpec): number =>
  places(spec).reduce((sum, { role }) => sum + Object.keys(PORTS[role]).length, 0);

/** The nodes with their addresses. `shared`: the ports to deal out when all of them live on 127.0.0.1. */
export function layOut(spec: ClusterSpec, isolation: Isolation, shared: readonly number[] = []): ClusterNode[] {
  const free = [...shared];
  return places(spec).map(({ name, role, last }) => {
    if (isolation !== 'none') return { name, role, host: `10.77.0.${last}`, ports: PORTS[role] };
    const ports = Object.fromEntries(Object.keys(PORTS[role]).map((use) => [use, take(free)]));
    return { name, role, host: '127.0.0.1', ports };
  });
}

function take(free: number[]): number {
  const port = free.shift();
  if (port === undefined) throw new Error('fewer free ports than nodes need');
  return port;
}

export const port = (node: ClusterNode, use: string): number => {
  const found = node.ports[use];
  if (found === undefined) throw new Error(`${node.name} has no ${use} port`);
  return found;
};

export const byRole = (nodes: readonly ClusterNode[], role: Role): ClusterNode[] =>
  nodes.filter((node) => node.role === role);

const address = (node: ClusterNode, use: string): string => `${node.host}:${port(node, use)}`;

/** Where clients find the servers. */
export function endpointsOf(nodes: readonly ClusterNode[]): ClusterEndpoints {
  const gateway = byRole(nodes, 'gateway')[0];
  return {
    rest: Object.fromEntries(byRole(nodes, 'jobmanager').map((node) => [node.name, `http://${address(node, 'rest')}`])),
    gateway: gateway ? `http://${address(gateway, 'rest')}` : '',
    zookeeper: byRole(nodes, 'zookeeper').map((node) => address(node, 'client')),
    brokers: byRole(nodes, 'broker').map((node) => address(node, 'client')),
    haPath: HA_PATH,
  };
}
