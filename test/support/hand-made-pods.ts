import type {
  AccessControl,
  Apart,
  FlinkDeployment,
  ImageControl,
  MachineControl,
  OperatorPods,
  PodChaosControl,
  PodControl,
  PodIdentity,
  PolicyControl,
  ProcessIdentity,
  RestartOrder,
  ScaleControl,
} from '../../src/target/ports.js';

/** What the pods of each role run. */
export const GOOD_IMAGES = { jobmanager: 'flink:1', taskmanager: 'flink:1' };

/** What there is of a cluster in pods, which a test moves by hand. */
export const podsState = () => ({
  /** Whether its nodes are pods. */
  arePods: false,
  /** Who keeps pods away from a machine. */
  cordons: new Map<string, string>(),
  /** How many evictions a budget of disruptions refuses. */
  budget: 0,
  /** Orders to Chaos Mesh, by name; whether it is installed, whether anybody acts on them, and whether they can be taken back. */
  chaos: { orders: new Map<string, string>(), installed: true, acts: true, holds: false },
  /**
   * Pods that are kept apart, by id; whether anybody enforces that, by a refusal, by cutting off others as well, and whether it can be
   * taken back.
   */
  policies: { made: new Map<string, Apart>(), enforced: true, refuses: false, greedy: false, holds: false },
  /** How many pods each role is to have. */
  replicas: { jobmanager: 2, taskmanager: 2 } as Record<string, number>,
  /** What the pods of each role are to run, how many of them stay meanwhile, and what is kept of images of before. */
  images: { ...GOOD_IMAGES } as Record<string, string>,
  stays: 2,
  kept: new Set<string>(),
  /** Whether it is kept whatever is asked for. */
  keeps: false,
  /** Why pods wait whose image there is not. */
  waits: 'ErrImagePull',
  /** Who has taken the account out of its RoleBindings, by their names; and who allows ConfigMaps beside these. */
  bindings: new Map<string, string>(),
  allowedBy: { account: '', any: '' },
  /** What the API server says to whoever would change a RoleBinding. */
  forbidden: '',
  /** What the operator says, and what it was asked for. */
  operator: {
    lifecycle: 'STABLE',
    job: 'RUNNING',
    asked: { nonce: 0, mode: 'savepoint' } as RestartOrder,
    done: 0,
    current: true,
    suspendedBy: '',
    /** Its own pods, and whether what made them makes others. */
    pods: [{ name: 'operator-1', uid: 'operator-1', grace: 5_000, ready: true }],
    comesBack: true,
  },
});

interface World extends ReturnType<typeof podsState> {
  running: Map<string, ProcessIdentity>;
  log: string[];
  deaf: boolean;
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
  const { policies: kept } = world;
  const apart = (one: string, other: string) =>
    [...kept.made.values()].some(
      ({ between, and }) =>
        (between.includes(one) && and.includes(other)) || (between.includes(other) && and.includes(one)),
    );
  const left = async (id: string) =>
    kept.made.has(id) ? [`NetworkPolicy ${id}-between`, `NetworkPolicy ${id}-and`, `label ${id}`] : [];
  const policies: PolicyControl = {
    async keepApart(it) {
      world.log.push(`keep ${it.between} from ${it.and}`);
      kept.made.set(it.id, it);
    },
    left,
    leftOfAll: async () => (await Promise.all([...kept.made.keys()].map(left))).flat(),
    async restore(id) {
      if (!kept.holds) kept.made.delete(id);
    },
    doors: async (node) => (world.running.has(node) ? [8081, 1].map((port) => ({ host: node, port })) : undefined),
    apiServer: async () => ({ host: 'apiserver', port: 443 }),
    knock: async (from, doors) =>
      doors.map(({ host, port }) => {
        if (kept.enforced && apart(from, host)) return kept.refuses ? 'refused' : 'nothing';
        if (kept.greedy && kept.made.size > 0) return 'nothing';
        return port === 1 ? 'refused' : 'connects';
      }),
  };
  const { operator } = world;
  const deployment: FlinkDeployment = {
    state: async () => ({ lifecycle: operator.lifecycle, job: operator.job }),
    watch: () => () => {},
    look: async () => ({
      state: { lifecycle: operator.lifecycle, job: operator.job },
      current: operator.current,
      asked: operator.asked,
      done: operator.done,
      ...(operator.suspendedBy !== '' && { suspendedBy: operator.suspendedBy }),
    }),
    async ask(order) {
      world.log.push(`restart ${order.nonce} ${order.mode}`);
      if (world.deaf) return;
      if (order.nonce !== operator.asked.nonce) Object.assign(operator, { lifecycle: 'UPGRADING', done: order.nonce });
      operator.asked = { ...operator.asked, ...order };
    },
    async suspend(by) {
      world.log.push('suspend');
      if (world.deaf || operator.suspendedBy !== '') return;
      Object.assign(operator, { suspendedBy: by, lifecycle: 'SUSPENDED', job: 'FINISHED' });
    },
    async resume(by) {
      if (world.deaf || operator.suspendedBy !== by) return;
      world.log.push('resume');
      Object.assign(operator, { suspendedBy: '', lifecycle: 'STABLE', job: 'RUNNING' });
    },
  };
  const scaling: ScaleControl = {
    of: async (role) => ({ kind: 'Deployment', name: role }),
    replicas: async ({ name }) => world.replicas[name] ?? 0,
    async scale({ name }, from, to) {
      world.log.push(`scale ${name} to ${to}`);
      if (world.deaf || world.replicas[name] !== from) return;
      world.replicas[name] = to;
      const running = [...world.running.keys()].filter((node) => node.startsWith(name));
      for (const node of running.slice(to)) world.running.delete(node);
    },
  };
  const named = ['leaders', 'more'];
  const access: AccessControl = {
    account: async () => 'orders',
    naming: async (account) =>
      named.map((name) => ({
        name,
        uid: `uid of ${name}`,
        role: 'Role orders',
        named: [{ at: 0, subject: { kind: 'ServiceAccount', name: account, namespace: 'flink' } }],
      })),
    async tryOut() {
      if (world.forbidden !== '') throw new Error(world.forbidden);
    },
    async takeOut({ name }, by) {
      world.log.push(`take out of ${name}`);
      if (!world.deaf && !world.bindings.has(name)) world.bindings.set(name, by);
    },
    async putBack({ name }, by) {
      if (world.bindings.get(name) === by) world.bindings.delete(name);
    },
    outBy: async ({ name }) => world.bindings.get(name),
    async may(_account, { verb }) {
      const reason = world.allowedBy.account || 'RBAC: allowed by RoleBinding "leaders/flink" of Role "orders"';
      const allowed = verb !== 'patch' && (world.allowedBy.account !== '' || world.bindings.size < named.length);
      return allowed ? { allowed, reason } : { allowed, reason: '' };
    },
    mayAny: async () => ({ allowed: world.allowedBy.any !== '', reason: world.allowedBy.any }),
  };
  const rolesOf = (image: string) => Object.keys(world.images).filter((role) => world.images[role] === image);
  const images: ImageControl = {
    of: async (role) => ({ kind: 'Deployment', name: role }),
    template: async ({ name }) => ({
      uid: `uid of ${name}`,
      container: 'flink',
      image: world.images[name] ?? '',
      replicas: 2,
      stays: world.stays,
    }),
    image: async ({ name }) => world.images[name],
    async setImage({ name }, _of, { from, to }) {
      if (world.images[name] !== from) return;
      world.log.push(`image of ${name}`);
      if (world.deaf) return;
      world.images[name] = to;
      world.kept.add(from);
      const running = [...world.running.keys()].filter((node) => node.startsWith(name));
      for (const node of running.slice(world.stays)) world.running.delete(node);
    },
    rolledOut: async () => true,
    madeWith: async (image) =>
      image === GOOD_IMAGES.taskmanager
        ? []
        : rolesOf(image).map((role) => ({ name: `${role}-new`, uid: 'new', grace: 0, waits: world.waits })),
    async forget(_controller, _of, image) {
      return world.keeps || world.kept.delete(image) ? [`what was ${image}`] : [];
    },
  };
  const operatorPods: OperatorPods = {
    namespace: 'operators',
    list: async (namespace) => (namespace === 'operators' ? [...operator.pods] : []),
    async delete(_namespace, { name, uid }) {
      world.log.push(`delete ${name}`);
      if (world.deaf) return;
      operator.pods = operator.pods.filter((pod) => pod.uid !== uid);
      if (operator.comesBack) operator.pods.push({ name: `${name}-new`, uid: `${uid}-new`, grace: 5_000, ready: true });
    },
  };
  return { pods, machines, scaling, access, images, podChaos, policies, deployment, operatorPods };
}
