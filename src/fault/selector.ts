import { FlinchError } from '../core/error.js';
import type { FaultContext } from './fault.js';
import type { NodeSelector } from './schemas.js';

export interface Chosen {
  node: string;
  role: 'jobmanager' | 'taskmanager';
  /** The leader's session id, when the leader was meant. */
  session?: string;
  evidence: string[];
}

/** Maps a role to one node, at this moment. @throws FlinchError LEADER_UNKNOWN, FAULT_INJECT */
export function resolveSelector(selector: NodeSelector, context: FaultContext): Promise<Chosen> {
  return selector === 'taskmanager' ? busiestTaskManager(context) : jobManager(selector, context);
}

async function jobManager(
  selector: Exclude<NodeSelector, 'taskmanager'>,
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
  const leading = Object.entries(cluster.endpoints.rest).find(([, url]) => sameEndpoint(url, leader.address))?.[0];
  if (leading === undefined) {
    throw new FlinchError('LEADER_UNKNOWN', {
      what: `the recorded leader ${leader.address} is no JobManager of this cluster`,
      on: cluster.endpoints.haPath,
      todo: 'look for a second cluster with the same cluster-id',
    });
  }
  const record = `ZooKeeper records ${leading} (${leader.address}) as leader, session ${leader.session}`;
  if (selector === 'jobmanager.leader') {
    return { node: leading, role: 'jobmanager', session: leader.session, evidence: [record] };
  }
  for (const { name, role } of cluster.nodes) {
    if (role !== 'jobmanager' || name === leading) continue;
    if (await cluster.processes.identify(name)) return { node: name, role, evidence: [record] };
  }
  throw new FlinchError('FAULT_INJECT', {
    what: 'there is no standby JobManager',
    on: leading,
    todo: 'set cluster.jobManagers to 2 or more',
  });
}

/** The TaskManager that runs most of the job: killing one that runs none would prove nothing. */
async function busiestTaskManager({ placement, signal }: FaultContext): Promise<Chosen> {
  const counts = Object.entries(await placement.subtasksByTaskManager(signal)).sort(
    ([a, m], [b, n]) => n - m || a.localeCompare(b),
  );
  const [node, subtasks] = counts[0] ?? [];
  if (node === undefined) throw new FlinchError('FAULT_INJECT', { what: 'no TaskManager runs a subtask of the job' });
  return { node, role: 'taskmanager', evidence: [`${node} runs ${subtasks} subtasks of the job, the most of all`] };
}

function sameEndpoint(a: string, b: string): boolean {
  const [x, y] = [new URL(a), new URL(b)];
  return x.hostname === y.hostname && x.port === y.port;
}
