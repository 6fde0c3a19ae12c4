import type { V1Node } from '@kubernetes/client-node';
import { isConflict, type KubernetesPods } from '../../client/kubernetes/connection.js';
import { FlinchError } from '../../core/error.js';
import type { ClusterNode, MachineControl } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface MachineDeps {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
  nodes: readonly Pick<ClusterNode, 'name'>[];
}

/** Who keeps new pods away, written on the machine: nobody else's cordon is ever lifted. */
const OWNER = 'flinch/cordoned-by';
/** Kubelet writes to it as well. */
const TRIES = 20;

/** The machines that pods run on. */
export function podMachines({ kubernetes, view, seats, nodes }: MachineDeps): MachineControl {
  const get = (name: string): Promise<V1Node> =>
    kubernetes.call('reading a machine', (core, options) => core.readNode({ name }, options));

  async function edit(name: string, change: (node: V1Node) => V1Node | undefined): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const body = change(await get(name));
      if (body === undefined) return;
      try {
        await kubernetes.call('writing a machine', (core, options) => core.replaceNode({ name, body }, options));
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    throw new FlinchError('KUBERNETES', { what: `somebody else wrote it ${TRIES} times in a row`, on: name });
  }

  return {
    async of(node) {
      await view.fresh();
      return seats.podOf(node)?.node;
    },
    async nodesOn(machine) {
      await view.fresh();
      return nodes.flatMap(({ name }) => (seats.podOf(name)?.node === machine ? [name] : []));
    },
    async cordoned(machine) {
      const { metadata, spec } = await get(machine);
      return spec?.unschedulable ? (metadata?.annotations?.[OWNER] ?? 'somebody else') : undefined;
    },
    cordon: (machine, by) =>
      edit(machine, ({ metadata, spec, ...rest }) => {
        if (spec?.unschedulable) return undefined;
        const annotations = { ...metadata?.annotations, [OWNER]: by };
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: true } };
      }),
    uncordon: (machine, by) =>
      edit(machine, ({ metadata, spec, ...rest }) => {
        const { [OWNER]: owner, ...annotations } = metadata?.annotations ?? {};
        if (owner !== by) return undefined;
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: false } };
      }),
  };
}
