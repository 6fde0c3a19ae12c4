import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { openCordons } from '../../client/kubernetes/cordons.js';
import type { ClusterNode, MachineControl } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface MachineDeps {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
  nodes: readonly Pick<ClusterNode, 'name'>[];
}

/** The machines that pods run on. */
export const podMachines = ({ kubernetes, view, seats, nodes }: MachineDeps): MachineControl => ({
  ...openCordons(kubernetes),
  async of(node) {
    await view.fresh();
    return seats.podOf(node)?.node;
  },
  async nodesOn(machine) {
    await view.fresh();
    return nodes.flatMap(({ name }) => (seats.podOf(name)?.node === machine ? [name] : []));
  },
});
