import type { Pod } from '../../client/kubernetes/pod.js';
import type { Controller } from '../../client/kubernetes/scales.js';
import { FlinchError } from '../../core/error.js';
import type { ClusterNode, Role } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface ControllerDeps {
  view: PodView;
  seats: Seats;
  nodes: readonly Pick<ClusterNode, 'name' | 'role'>[];
}

/** Controllers write it into each ReplicaSet's name, and onto its pods. */
const HASH = 'pod-template-hash';

/** What makes the pods of a role. @throws FlinchError FAULT_INJECT where that is nothing that can be told what to do */
export async function controllerOfRole({ view, seats, nodes }: ControllerDeps, role: Role): Promise<Controller> {
  await view.fresh();
  const pods = nodes.flatMap((node) => (node.role === role ? (seats.podOf(node.name) ?? []) : []));
  const found = new Map(pods.map((pod) => controllerOf(pod, role)).map((it) => [`${it.kind} ${it.name}`, it]));
  const [first, ...others] = found.values();
  if (first && others.length === 0) return first;
  throw new FlinchError('FAULT_INJECT', {
    what: first ? `several controllers make its pods: ${[...found.keys()].join(', ')}` : 'it has no pods',
    on: role,
  });
}

/** @throws FlinchError FAULT_INJECT */
function controllerOf({ name, owner, labels }: Pod, role: Role): Controller {
  const hash = labels[HASH];
  if (owner?.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  }
  if (owner?.kind === 'StatefulSet') return { kind: 'StatefulSet', name: owner.name };
  throw new FlinchError('FAULT_INJECT', {
    what: `no Deployment or StatefulSet makes its pods: ${owner ? `a ${owner.kind} owns them` : 'nobody owns them'}`,
    on: name,
    todo:
      role === 'taskmanager' ? 'where Flink asks for TaskManagers itself, delete their pods instead' : 'use deletePod',
  });
}
