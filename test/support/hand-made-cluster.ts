import type { FaultContext } from '../../src/fault/fault.js';
import type {
  BrokerDuty,
  CheckpointRecord,
  Cluster,
  ClusterNode,
  JobCheckpoints,
  Leader,
  Leadership,
  NetworkControl,
  NetworkCut,
  Placement,
  ProcessIdentity,
  Servers,
  StoredZnode,
} from '../../src/target/ports.js';
import { type HandClock, handClock } from './hand-clock.js';
import { handMadeDisks } from './hand-made-disks.js';
import { handMadeJob } from './hand-made-job.js';
import { handMadeLoad } from './hand-made-load.js';
import { handMadeMaps, JOB } from './hand-made-maps.js';
import { handMadeMemory } from './hand-made-memory.js';
import { handMadePods, podsState } from './hand-made-pods.js';
import { handMadeStore, ZNODES } from './hand-made-store.js';

/** How long the hand-made cluster takes to notice a lost member. Milliseconds. */
export const DETECTION = 14_000;
/** How long a process may stand still there. Milliseconds. */
export const UNNOTICED = 1_500;

export const leaderOn = (n: number, session = `session-${n}`): Leader => ({
  address: `http://10.0.0.${n}:8081`,
  session,
  owner: `0x${n}`,
});

const role = (name: string) => name.replace(/-\d+$/, '') as ClusterNode['role'];

/** Two JobManagers, two TaskManagers and one of each other role without a process behind them; a test moves them by hand. */
export function handMadeCluster(clock: HandClock = handClock()) {
  const names = [
    'jobmanager-1',
    'jobmanager-2',
    'taskmanager-1',
    'taskmanager-2',
    'zookeeper-1',
    'broker-1',
    'gateway',
  ];
  let nextPid = 100;
  const begin = (): ProcessIdentity => ({ pid: nextPid++, startTime: `${nextPid}`, bootId: 'boot' });
  const running = new Map(names.map((name) => [name, begin()]));
  const world = {
    clock,
    running,
    leader: leaderOn(1) as Leader | undefined,
    contenders: ['0x1', '0x2'],
    subtasks: { 'taskmanager-1': 2, 'taskmanager-2': 3 } as Record<string, number>,
    /** Subtasks of the job's sources and sinks. */
    of: { source: { 'taskmanager-1': 2 }, sink: {} } as Record<'source' | 'sink', Record<string, number>>,
    /** Bytes that the latest checkpoint holds. */
    state: undefined as Record<string, number> | undefined,
    /** Subtasks that restore their state. */
    restoring: 0,
    freeSlots: 2,
    heartbeats: { 'taskmanager-1': clock.wall(), 'taskmanager-2': clock.wall() } as Record<string, number>,
    /** What was done, in its order. */
    log: [] as string[],
    /** Nodes whose process is stopped. */
    stopped: new Set<string>(),
    /** What is cut, and how many packets each direction has dropped. */
    cuts: new Map<string, { cut: NetworkCut; packets: number }>(),
    /** Bytes that each filling holds, by disk and id, and what is free on every disk. */
    fillings: new Map<string, number>(),
    free: 1000,
    /** Disks that are read-only. */
    readOnly: new Set<string>(),
    /** Bytes of the files on the disk of checkpoints, and of those that are set aside. */
    files: { 'ha/flinch/completedCheckpoint1': 900, 'ha/flinch/submittedJobGraph1': 700 } as Record<string, number>,
    aside: new Map<string, number>(),
    /** Whether Flink has given up the folder of what was set aside. */
    placeGone: false,
    /** Connections between nodes. */
    sockets: ['taskmanager-2 jobmanager-1', 'taskmanager-2 broker-1', 'taskmanager-1 broker-1'],
    /** Whether restored nodes reach each other. */
    reachable: true,
    /** Whether names are known. */
    known: true,
    znodes: { ...ZNODES } as Record<string, Omit<StoredZnode, 'path'>>,
    /** Jobs that the leader knows. */
    jobs: { [JOB]: { ended: false } } as Record<string, { ended: boolean }>,
    /** The job's checkpoints, the newest first. */
    checkpoints: [] as CheckpointRecord[],
    /** TaskManagers whose subtasks have acknowledged a checkpoint, by its id. */
    acknowledged: {} as Record<number, string[]>,
    /** Milliseconds that each node's clock is ahead. */
    ahead: new Map<string, number>(),
    /** A target that pretends: signals are taken and nothing happens. */
    deaf: false,
    /** What each ZooKeeper server says that it is. */
    modes: { 'zookeeper-1': 'standalone' } as Record<string, string>,
    /** How many partitions each broker leads. */
    led: { 'broker-1': 4 } as Record<string, number>,
    /** By duty, then by broker. */
    duties: {} as Partial<Record<BrokerDuty, Record<string, number>>>,
    /** Servers that run but do not serve. */
    idle: new Set<string>(),
    /** Makes the next looks at the store fail. */
    storeDown: false,
    onKill: (_node: string): void => {},
    onStart: (_node: string): void => {},
    onSignal: (_signal: NodeJS.Signals, _node: string): void => {},
    onCut: (_cut: NetworkCut): void => {},
    onExpire: (_session: string): void => {},
    onRemove: (_path: string): void => {},
    onFill: (_disk: string): void => {},
    ...podsState(),
    /** Fillings that cannot be taken away. */
    stuck: false,
    end: (node: string): void => void running.delete(node),
  };
  const job = handMadeJob();
  const { world: maps, store: configMaps } = handMadeMaps(clock, () => world.deaf);
  const load = handMadeLoad(clock, () => world.deaf);
  const isAlive = (identity: ProcessIdentity) => [...running.values()].some(({ pid }) => pid === identity.pid);
  const nodes = names.map(
    (name, i): ClusterNode => ({ name, role: role(name), host: `10.0.0.${i + 1}`, ports: { rest: 8081 } }),
  );
  const network: NetworkControl = {
    async cut(cut) {
      world.log.push(`cut ${cut.between} from ${cut.and}`);
      if (!world.cuts.has(cut.id)) world.cuts.set(cut.id, { cut, packets: 0 });
      world.onCut(cut);
    },
    cuts: async () =>
      Object.fromEntries(
        [...world.cuts].map(([id, { cut, packets }]) => [
          id,
          cut.between.flatMap((from) => cut.and.map((to) => ({ from, to, packets, bytes: packets * 100 }))),
        ]),
      ),
    async restore(id) {
      world.log.push('restore');
      world.cuts.delete(id);
    },
    async roundTrip(from, to) {
      if (!world.reachable) return undefined;
      let took = 1;
      for (const { cut, packets } of world.cuts.values()) {
        if (packets === 0 || !cut.only || !('late' in cut.only)) continue;
        if (cut.between.includes(from) && cut.and.includes(to)) took += cut.only.late * (cut.direction ? 1 : 2);
      }
      return took;
    },
    connections: async (node, peers) => world.sockets.filter((it) => peers.some((to) => it === `${node} ${to}`)),
    async reset(node, peers) {
      world.log.push(`reset ${node} ${peers}`);
      if (!world.deaf) world.sockets = world.sockets.filter((it) => !peers.some((to) => it === `${node} ${to}`));
    },
  };
  const disks = handMadeDisks(world);
  const { memory, limits } = handMadeMemory(world);
  const cluster: Cluster = {
    target: 'local',
    flinkVersion: '1.20.3',
    isolation: 'none',
    nodes,
    endpoints: {
      rest: { 'jobmanager-1': 'http://10.0.0.1:8081', 'jobmanager-2': 'http://10.0.0.2:8081' },
      gateway: 'http://10.0.0.1:8083',
      zookeeper: ['10.0.0.5:2181'],
      brokers: ['10.0.0.6:9092'],
      haPath: '/flink/flinch',
    },
    processes: {
      identify: async (node) => running.get(node),
      alive: async (identity) => isAlive(identity),
      stopped: async ({ pid }) => [...world.stopped].some((node) => running.get(node)?.pid === pid),
      async signal(identity, signal) {
        const node = [...running].find(([, { pid }]) => pid === identity.pid)?.[0] ?? 'nobody';
        world.log.push(`${signal} ${node}`);
        if (world.deaf || node === 'nobody') return;
        if (signal === 'SIGSTOP') world.stopped.add(node);
        else if (signal === 'SIGCONT') world.stopped.delete(node);
        else {
          running.delete(node);
          world.onKill(node);
        }
        world.onSignal(signal, node);
      },
      clockOf: async (node) => world.ahead.get(node) ?? 0,
      async start(node, how) {
        world.log.push(`start ${node}`);
        if (!running.has(node)) world.ahead.set(node, world.deaf ? 0 : (how?.ahead ?? 0));
        const identity = running.get(node) ?? begin();
        running.set(node, identity);
        world.onStart(node);
        return identity;
      },
    },
    memory,
    network,
    disks,
    names: {
      async forget() {
        world.log.push('forget');
        if (!world.deaf) world.known = false;
      },
      async recall() {
        world.log.push('recall');
        if (!world.stuck) world.known = true;
      },
      known: async (_node, names) => (world.known ? [...names] : []),
    },
    logFile: (node) => `/nowhere/${node}.log`,
    onExit: () => () => {},
  };
  // What only pods have.
  for (const [name, control] of Object.entries({ ...handMadePods(world), configMaps })) {
    Object.defineProperty(cluster, name, { enumerable: true, get: () => (world.arePods ? control : undefined) });
  }
  const asked = <T>(answer: T): T => {
    if (world.storeDown) throw new Error('the store is down');
    return answer;
  };
  const leadership: Leadership = {
    leader: async () => asked(world.leader),
    contenders: async () => asked([...world.contenders]),
  };
  const store = handMadeStore(world);
  const placement: Placement = {
    subtasksByTaskManager: async (_signal, of) => (of === undefined ? world.subtasks : world.of[of]),
    restoring: async () => world.restoring,
    freeSlots: async () => world.freeSlots,
    registeredTaskManagers: async () =>
      Object.entries(world.heartbeats).map(([id, lastHeartbeat]) => ({ id, lastHeartbeat })),
    jobs: async () => world.jobs,
  };
  const checkpoints: JobCheckpoints = {
    interval: async () => 1_000,
    recent: async () => world.checkpoints,
    state: async () => world.state && { id: 7, bytes: world.state },
    acknowledgements: async (id) =>
      Object.fromEntries(
        Object.entries(world.subtasks).map(([node, subtasks]) =>
          world.acknowledged[id]?.includes(node)
            ? [node, { acknowledged: subtasks, open: 0 }]
            : [node, { acknowledged: 0, open: subtasks }],
        ),
      ),
  };
  const servers: Servers = {
    async zookeeperMode(node) {
      const mode = world.modes[node];
      if (mode === undefined) throw new Error(`${node} does not answer`);
      return mode;
    },
    partitionsLed: async () => world.led,
    onDuty: async (duty) => world.duties[duty] ?? {},
    serving: async (node) => (running.has(node) && !world.idle.has(node) ? `${node} serves` : undefined),
  };
  const context = (signal: AbortSignal = new AbortController().signal): FaultContext => ({
    cluster,
    leadership,
    store,
    placement,
    checkpoints,
    servers,
    clock,
    signal,
    detection: DETECTION,
    unnoticed: UNNOTICED,
    pick: () => 0,
    job: job.control,
    load: load.control,
  });
  return Object.assign(world, { cluster, context, job, load, memory, limits, maps });
}

export type HandMadeCluster = ReturnType<typeof handMadeCluster>;
