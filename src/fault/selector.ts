import { FlinchError, messageOf } from '../core/error.js';
import type { BrokerDuty, Cluster, Leader, Role, Servers } from '../target/ports.js';
import type { FaultContext } from './fault.js';
import type { NodeSelector } from './schema/nodes.js';

/** The nodes that a selector means at this moment. */
export interface Chosen {
  role: Role;
  nodes: string[];
  /** The leader's session id, when the leader was meant. */
  session?: string;
  evidence: string[];
}

/** Maps a role to nodes, at this moment. @throws FlinchError LEADER_UNKNOWN, FAULT_INJECT */
export async function resolveSelector(selector: NodeSelector, context: FaultContext): Promise<Chosen> {
  switch (selector) {
    case 'jobmanager.leader':
    case 'jobmanager.standby':
      return jobManager(selector, context);
    case 'taskmanager':
      return busiestTaskManager(context);
    case 'zookeeper.leader':
    case 'zookeeper.follower':
      return zooKeeper(selector, context);
    case 'taskmanager.source':
    case 'taskmanager.sink':
      return busiestTaskManager(context, selector === 'taskmanager.source' ? 'source' : 'sink');
    case 'taskmanager.state':
      return heaviestTaskManager(context);
    case 'broker':
      return leadingBroker(context);
    case 'broker.transaction-coordinator':
    case 'broker.group-coordinator':
    case 'broker.controller':
      return brokerOnDuty(selector, context);
    case 'jobmanager.any':
    case 'taskmanager.any':
    case 'zookeeper.any':
    case 'broker.any':
      return any(selector.replace(/\.any$/, '') as Role, context);
    default:
      return all(selector.replace(/\.all$/, '') as Role, context);
  }
}

function all(role: Role, { cluster }: FaultContext): Chosen {
  const nodes = cluster.nodes.filter((node) => node.role === role).map(({ name }) => name);
  if (nodes.length > 0) return { role, nodes, evidence: [`${nodes.join(', ')}: every ${role} of the cluster`] };
  throw new FlinchError('FAULT_INJECT', { what: `the cluster has no ${role}` });
}

/**
 * One of those that run: another fault may have taken some away. By name, so that the choice does not depend on the order
 * in which somebody lists the nodes.
 */
async function any(role: Role, context: FaultContext): Promise<Chosen> {
  const nodes: string[] = [];
  for (const node of all(role, context).nodes.toSorted()) {
    if (await context.cluster.processes.identify(node)) nodes.push(node);
  }
  if (nodes.length === 0) throw new FlinchError('FAULT_INJECT', { what: `no ${role} of the cluster runs` });
  const node = nodes[context.pick(nodes.length)] as string;
  return { role, nodes: [node], evidence: [`${node} was chosen by the seed among ${nodes.join(', ')}`] };
}

async function jobManager(
  selector: 'jobmanager.leader' | 'jobmanager.standby',
  { cluster, leadership, signal }: FaultContext,
): Promise<Chosen> {
  const leader = await leadership.leader(signal);
  if (!leader) {
    throw new FlinchError('LEADER_UNKNOWN', {
      what: 'no leader is recorded',
      on: cluster.endpoints.haPath,
      todo: 'see the JobManager logs in the run folder',
    });
  }
  const leading = leadingNode(leader, cluster);
  if (leading === undefined) {
    throw new FlinchError('LEADER_UNKNOWN', {
      what: `the recorded leader ${leader.address} is no JobManager of this cluster`,
      on: cluster.endpoints.haPath,
      todo: 'look for a second cluster with the same cluster-id',
    });
  }
  const role = 'jobmanager';
  const where = cluster.configMaps ? 'its ConfigMap' : 'ZooKeeper';
  const evidence = [`${where} records ${leading} (${leader.address}) as leader, session ${leader.session}`];
  if (selector === 'jobmanager.leader') return { role, nodes: [leading], session: leader.session, evidence };
  for (const node of cluster.nodes) {
    if (node.role !== role || node.name === leading) continue;
    if (await cluster.processes.identify(node.name)) return { role, nodes: [node.name], evidence };
  }
  throw new FlinchError('FAULT_INJECT', {
    what: 'there is no standby JobManager',
    on: leading,
    todo: 'set cluster.jobManagers to 2 or more',
  });
}

/** The JobManager that a record of a leader means. Undefined where it is none of this cluster. */
export const leadingNode = ({ address }: Leader, { endpoints }: Cluster): string | undefined =>
  Object.entries(endpoints.rest).find(([, url]) => sameEndpoint(url, address))?.[0];

/** The TaskManager that runs most of the job: killing one that runs none would prove nothing. */
async function busiestTaskManager({ placement, signal }: FaultContext, of?: 'source' | 'sink'): Promise<Chosen> {
  const [node, subtasks] = most(await placement.subtasksByTaskManager(signal, of)) ?? [];
  const whose = of === undefined ? 'the job' : `a ${of} of the job`;
  if (node === undefined) throw new FlinchError('FAULT_INJECT', { what: `no TaskManager runs a subtask of ${whose}` });
  const evidence = [`${node} runs ${subtasks} subtasks of ${whose}, the most of all`];
  return { role: 'taskmanager', nodes: [node], evidence };
}

async function heaviestTaskManager({ checkpoints, signal }: FaultContext): Promise<Chosen> {
  const { id, bytes } = (await checkpoints.state(signal)) ?? {};
  const [node, held] = most(bytes ?? {}) ?? [];
  if (node === undefined) throw new FlinchError('FAULT_INJECT', { what: 'the job has completed no checkpoint yet' });
  const evidence = [`${node} held ${held} bytes of state in checkpoint ${id}, the most of all`];
  return { role: 'taskmanager', nodes: [node], evidence };
}

async function leadingBroker({ servers, signal }: FaultContext): Promise<Chosen> {
  const [node, partitions] = most(await servers.partitionsLed(signal)) ?? [];
  if (node === undefined) {
    throw new FlinchError('FAULT_INJECT', { what: 'no broker leads a partition of the topics of the job' });
  }
  const evidence = [`${node} leads ${partitions} partitions of the topics of the job, the most of all`];
  return { role: 'broker', nodes: [node], evidence };
}

async function brokerOnDuty(selector: `broker.${BrokerDuty}`, { servers, signal }: FaultContext): Promise<Chosen> {
  const duty = selector.slice('broker.'.length) as BrokerDuty;
  const [node, count] = most(await servers.onDuty(duty, signal)) ?? [];
  if (node === undefined) throw new FlinchError('FAULT_INJECT', { what: `no broker is the ${duty} of anything now` });
  const evidence = {
    'transaction-coordinator': `${node} has ${count} transactions of the job to end, the most of all`,
    'group-coordinator': `${node} keeps the offsets of the consumer group of the job`,
    controller: `${node} is the active controller`,
  };
  return { role: 'broker', nodes: [node], evidence: [evidence[duty]] };
}

/** A server that has no quorum and no others is its own leader. */
async function zooKeeper(selector: string, { cluster, servers, signal }: FaultContext): Promise<Chosen> {
  const modes = selector === 'zookeeper.leader' ? ['leader', 'standalone'] : ['follower'];
  const found: string[] = [];
  for (const { name, role } of cluster.nodes) {
    if (role !== 'zookeeper') continue;
    const mode = await modeOf(name, servers, signal);
    if (modes.includes(mode)) return { role, nodes: [name], evidence: [`${name} answers that it is ${mode}`] };
    found.push(`${name} is ${mode}`);
  }
  throw new FlinchError('FAULT_INJECT', {
    what: `there is no ${selector}: ${found.join(', ')}`,
    todo: 'a follower needs cluster.zookeepers: 3',
  });
}

/** One that another fault has taken away says nothing, and is not meant. */
async function modeOf(name: string, servers: Servers, signal: AbortSignal): Promise<string> {
  try {
    return await servers.zookeeperMode(name, signal);
  } catch (error) {
    signal.throwIfAborted();
    return `without an answer (${messageOf(error)})`;
  }
}

/** The entry with the highest count, of equals the first by name. */
const most = (counts: Readonly<Record<string, number>>): [string, number] | undefined =>
  Object.entries(counts).sort(([a, m], [b, n]) => n - m || a.localeCompare(b))[0];

function sameEndpoint(a: string, b: string): boolean {
  const [x, y] = [new URL(a), new URL(b)];
  return x.hostname === y.hostname && x.port === y.port;
}
