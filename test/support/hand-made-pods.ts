import type {
  MachineControl,
  PodChaosControl,
  PodControl,
  PodIdentity,
  ProcessIdentity,
} from '../../src/target/ports.js';

interface World {
  running: Map<string, ProcessIdentity>;
  log: string[];
  deaf: boolean;
  /** Who keeps pods away from a machine. */
  cordons: Map<string, string>;
  /** How many evictions a budget of disruptions refuses. */
  budget: number;
  /** Orders to Chaos Mesh, by name; whether it is installed, whether anybody acts on them, and whether they can be taken back. */
  chaos: { orders: Map<string, string>; installed: boolean; acts: boolean; holds: boolean };
  onKill(node: string): void;
}

/** Pods of the same names as their nodes, on two machines. */
export function handMadePods(world: World) {
  const leave = (how: string) => async (pod: PodIdentity) => {
    world.log.push(`${how} ${pod.name}`);
    if (world.deaf) return;
    world.running.delete(pod.name);
    world.onKill(pod.name);
  };
  /** Nodes with an even number are on another machine than the others. */
  const machineOf = (node: string) => `machine-${/[02468]$/.test(node) ? 2 : 1}`;
  const machines: MachineControl = {
    of: async (node) => (world.running.has(node) ? machineOf(node) : undefined),
    nodesOn: async (machine) =>
      [...world.running.keys()].filter((node) => /manager/.test(node) && machineOf(node) === machine),
    cordoned: async (machine) => world.cordons.get(machine),
    async cordon(machine, by) {
      world.log.push(`cordon ${machine}`);
      if (!world.deaf && !world.cordons.has(machine)) world.cordons.set(machine, by);
    },
    async uncordon(machine, by) {
      if (world.cordons.get(machine) === by) world.cordons.delete(machine);
    },
  };
  const pods: PodControl = {
    of: async (node) => (world.running.has(node) ? { name: node, uid: 'boot', grace: 5_000 } : undefined),
    exists: async ({ name }) => world.running.has(name),
    delete: leave('delete'),
    async evict(pod) {
      if (world.budget > 0) {
        world.budget--;
        return false;
      }
      await leave('evict')(pod);
      return true;
    },
  };
  const { chaos } = world;
  const podChaos: PodChaosControl = {
    known: async () => chaos.installed,
    async kill({ name, pod }) {
      chaos.orders.set(name, pod);
      if (chaos.acts) await leave('delete')({ name: pod, uid: '', grace: 0 });
    },
    async remove(name) {
      if (!chaos.holds) chaos.orders.delete(name);
    },
    exists: async (name) => chaos.orders.has(name),
  };
  return { pods, machines, podChaos };
}
