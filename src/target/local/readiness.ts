import type { ClusterSpec } from '../../core/scenario.js';
import type { ClusterNode } from '../ports.js';
import { byRole, port } from './layout.js';
import { getJson, talk } from './reachable.js';

/** Whether a node serves. Rejects or answers undefined while it does not. */
export async function serves(node: ClusterNode, signal: AbortSignal): Promise<true | undefined> {
  switch (node.role) {
    case 'zookeeper':
      // An ensemble without a quorum accepts connections and says that it serves no requests.
      return (await talk(node.host, port(node, 'client'), 'srvr', signal)).includes('Mode:') || undefined;
    case 'broker':
      await talk(node.host, port(node, 'client'), undefined, signal);
      return true;
    case 'jobmanager':
      await getJson(`http://${node.host}:${port(node, 'rest')}/overview`, signal);
      return true;
    case 'gateway':
      await getJson(`http://${node.host}:${port(node, 'rest')}/info`, signal);
      return true;
    case 'taskmanager':
      // Known by its registration, see `taskManagersRegistered`.
      return true;
  }
}

/** Whether a JobManager knows all TaskManagers with all their slots. */
export async function taskManagersRegistered(
  spec: ClusterSpec,
  nodes: readonly ClusterNode[],
  signal: AbortSignal,
): Promise<true | undefined> {
  const [first] = byRole(nodes, 'jobmanager');
  if (!first) return true;
  const overview = await getJson(`http://${first.host}:${port(first, 'rest')}/overview`, signal);
  const slots = Number(overview['slots-total']);
  return (Number(overview.taskmanagers) >= spec.taskManagers && slots >= spec.taskManagers * spec.slots) || undefined;
}
