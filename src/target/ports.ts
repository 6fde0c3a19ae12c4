/** What a target offers. A fault asks for a capability, never for a kind of target. */

import type { FlinkDeployment } from '../client/kubernetes/flink-deployment.js';
import type {
  AccessControl,
  ImageControl,
  MachineControl,
  OperatorPods,
  PodChaosControl,
  PodControl,
  PolicyControl,
  ScaleControl,
} from './ports/pods.js';
import type { Leadership, StoredMaps } from './ports/store.js';

export type * from './ports/job.js';
export type * from './ports/pods.js';
export type * from './ports/servers.js';
export type * from './ports/store.js';

export const ROLES = ['jobmanager', 'taskmanager', 'zookeeper', 'broker', 'gateway'] as const;
export type Role = (typeof ROLES)[number];

export const CAPABILITIES = [
  'process',
  'network',
  'latency',
  'disk',
  'readOnlyDisk',
  'storedFiles',
  'clock',
  'memory',
  'names',
  'pods',
  'highAvailabilityStore',
  'configMaps',
  'machines',
  'operator',
  'operatorPods',
  'scale',
  'access',
  'images',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** One process or pod of the cluster. */
export interface ClusterNode {
  /** e.g. `jobmanager-1`; for a TaskManager also its Flink resource id. */
  name: string;
  role: Role;
  host: string;
  /** By purpose: `rest`, `rpc`, `client`, ... */
  ports: Readonly<Record<string, number>>;
}

/** Which process exactly: a PID alone may be reused. Plain data, for the ledger. */
export interface ProcessIdentity {
  pid: number;
  /** Start time in clock ticks since boot (field 22 of /proc/PID/stat), or the `ps` start time elsewhere. */
  startTime: string;
  bootId: string;
  /** Id of the container whose first process it is, where nodes are pods: `pid` is made of it, and `bootId` is the pod's. */
  container?: string;
  /** Its pod, there. */
  pod?: string;
}

/** Ending and starting the processes of nodes. */
export interface ProcessControl {
  /** The node's running process. Undefined when it has none. */
  identify(node: string): Promise<ProcessIdentity | undefined>;
  /** Whether exactly this process still exists (a zombie does not). */
  alive(identity: ProcessIdentity): Promise<boolean>;
  /** Whether exactly this process is there and stopped (state T), as after SIGSTOP. */
  stopped(identity: ProcessIdentity): Promise<boolean>;
  /** Sends a signal to exactly this process. Returning says nothing about its effect. */
  signal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void>;
  /** Starts the node's process, with a clock that is so many milliseconds ahead; a node that runs is left alone. */
  start(node: string, how?: { ahead?: number }): Promise<ProcessIdentity>;
  /** Milliseconds that the clock of the node's process was ahead when it wrote the newest line of its log. Undefined when it wrote none. */
  clockOf(node: string): Promise<number | undefined>;
}

/** What a process has of its own: private memory that it may write to. Bytes. */
export interface Memory {
  used: number;
  /** What it gets at most. Undefined without a limit. */
  limit?: number;
}

/** How much memory processes get. */
export interface MemoryControl {
  /** What exactly this process has and may have, as the kernel holds it to it. Undefined when it has ended. */
  of(identity: ProcessIdentity): Promise<Memory | undefined>;
  /** Lets it have so many bytes and no more, or any number; what it has already is left to it. One that has ended is left alone. */
  limit(identity: ProcessIdentity, bytes?: number): Promise<void>;
}

/**
 * Nodes that are cut off from each other: every packet between one of `between` and one of `and` is dropped, both
 * ways; or is late. Plain data, for the ledger: its name is known before it is made.
 */
export interface NetworkCut {
  /** Unique among the cuts of a cluster: a letter, then letters, digits and dashes. */
  id: string;
  between: readonly string[];
  and: readonly string[];
  /** Only packets from `between` to `and` (forth), or only those back, are dropped. Without it both. */
  direction?: 'forth' | 'back';
  /**
   * Only some of these packets: so many percent, each by chance; or what exceeds so many bytes a second on one link. Or
   * none: each comes so many milliseconds late, give or take the jitter. Or all, and whoever sent one is told so at once
   * (`refused`). Without it all.
   */
  only?: { percent: number } | { over: number } | { late: number; jitter: number } | { refused: true };
}

/** What pods know as the API server of Kubernetes, on the far side of a cut. */
export const API_SERVER = 'apiserver';

/** What a cut has dropped, or held back, on the way from one node to another. */
export interface Dropped {
  from: string;
  to: string;
  packets: number;
  bytes: number;
}

/** Cutting nodes off from each other, where each has a network of its own. */
export interface NetworkControl {
  /** Makes the cut, at once and whole; one that is there is left as it is, with its counters. */
  cut(cut: NetworkCut): Promise<void>;
  /** What is cut now: by the id of each cut, what it has dropped or held back. */
  cuts(): Promise<Record<string, readonly Dropped[]>>;
  /** Takes exactly this cut away; one that is not there is left alone. */
  restore(id: string): Promise<void>;
  /**
   * Milliseconds for a packet from one node to another and the answer: a connection is made, or refused over there.
   * Undefined when none comes within so many milliseconds, 1000 unless told.
   */
  roundTrip(from: string, to: string, within?: number): Promise<number | undefined>;
  /** TCP connections that a node has with these others, as "host:port host:port", its own end first. */
  connections(node: string, peers: readonly string[]): Promise<string[]>;
  /** Resets them: either end is told that its connection is over. Returning says nothing of its effect. */
  reset(node: string, peers: readonly string[]): Promise<void>;
}

/** The names by which nodes find each other's addresses. */
export interface NameControl {
  /** From now on nobody finds a node by its name; what somebody has looked up already is that one's own. */
  forget(): Promise<void>;
  /** The opposite; names that are known are left alone. */
  recall(): Promise<void>;
  /** Those of the names whose address a node finds. */
  known(node: string, names: readonly string[]): Promise<string[]>;
}

/** What holds the room of a disk, and how much is left of it. Bytes. */
export interface Filling {
  bytes: number;
  free: number;
}

/** A file on a disk: its path from the disk's root, and its size. */
export interface StoredFile {
  path: string;
  bytes: number;
}

/** Harming disks: of nodes by their names, and `storage`, which checkpoints and high-availability files share. */
export interface DiskControl {
  /** Fills what is free, on top of what the filling of this id holds already. */
  fill(disk: string, id: string): Promise<Filling>;
  /** The filling of this id. Undefined when there is none. */
  filling(disk: string, id: string): Promise<Filling | undefined>;
  /** Takes exactly this filling away; one that is not there is left alone. */
  empty(disk: string, id: string): Promise<void>;
  /** Lets it refuse whatever is opened for writing from now on; one that does already is left as it is. */
  makeReadOnly(disk: string): Promise<void>;
  /** The opposite; one that is writable is left alone. */
  makeWritable(disk: string): Promise<void>;
  /** What a new file is refused with, by trying. Undefined where it is not. */
  refusal(disk: string): Promise<string | undefined>;
  /** Files anywhere on it whose names begin with one of these. */
  find(disk: string, names: readonly string[]): Promise<StoredFile[]>;
  /** Takes a file away under an id, and leaves an empty one in its place where told so; what is set aside already stays so. */
  setAside(disk: string, path: string, id: string, empty: boolean): Promise<void>;
  /** Puts it back, or drops it where the folder that it was in is gone. Undefined when it is not set aside (any more). */
  putBack(disk: string, path: string, id: string): Promise<'back' | 'dropped' | undefined>;
  /** Bytes of a file. Undefined when it is not there. */
  size(disk: string, path: string): Promise<number | undefined>;
}

/** Filling them alone, where no more can be done. */
export type DiskFiller = Pick<DiskControl, 'fill' | 'filling' | 'empty'>;

export interface ClusterEndpoints {
  /** REST base URL of each JobManager, by node name. */
  rest: Readonly<Record<string, string>>;
  /** At most so many connections to each, where more of them would be a burden to others. */
  restConnections?: number;
  gateway: string;
  /** host:port of each server. */
  zookeeper: readonly string[];
  /** host:port of each broker. */
  brokers: readonly string[];
  /** The cluster's znode, e.g. `/flink/flinch`. */
  haPath: string;
}

/** How nodes are kept apart. */
export type Isolation = 'user-namespace' | 'namespace' | 'none';

export interface Cluster {
  readonly target: 'local' | 'kubernetes';
  /** Full version, e.g. `1.20.3`. */
  readonly flinkVersion: string;
  readonly isolation: Isolation | 'pods';
  readonly nodes: readonly ClusterNode[];
  readonly endpoints: ClusterEndpoints;
  readonly processes: ProcessControl;
  /** Absent where the target lacks the capability `memory`. */
  readonly memory?: MemoryControl | undefined;
  /** Absent where the target lacks the capability `network`. */
  readonly network?: NetworkControl | undefined;
  /** Absent where the target lacks the capability `readOnlyDisk`. */
  readonly disks?: DiskControl | undefined;
  /** Where disks can only be filled. */
  readonly filler?: DiskFiller | undefined;
  /** Absent where nodes know each other by address only. */
  readonly names?: NameControl | undefined;
  /** Absent where nodes are no pods. */
  readonly pods?: PodControl | undefined;
  /** The same. */
  readonly machines?: MachineControl | undefined;
  readonly scaling?: ScaleControl | undefined;
  readonly access?: AccessControl | undefined;
  readonly images?: ImageControl | undefined;
  readonly podChaos?: PodChaosControl | undefined;
  readonly policies?: PolicyControl | undefined;
  /** Who leads, where that is not written in ZooKeeper. */
  readonly leadership?: LeaderRecord | undefined;
  /** Where Flink keeps what it recovers from, where that is in ConfigMaps. */
  readonly configMaps?: StoredMaps | undefined;
  /** What the operator of Flink says of it, where one made it. */
  readonly deployment?: FlinkDeployment | undefined;
  /** The pods of that operator itself. */
  readonly operatorPods?: OperatorPods | undefined;
  /** The node that Flink means by a TaskManager's id. Absent where that is its name. */
  readonly nodeOfTaskManager?: ((id: string) => string | undefined) | undefined;
  /** Whether the dead-man timer beside the cluster hears this runner. Absent where the cluster dies with its runner. */
  readonly deadManArmed?: (() => Promise<boolean>) | undefined;
  /** Absolute path of a node's log file. */
  logFile(node: string): string;
  /** Called with each process that ends, asked for or not, until the returned function is called. */
  onExit(listener: (exit: NodeExit) => void): () => void;
}

/** Reads and watches who leads. */
export interface LeaderRecord extends Leadership {
  /** Milliseconds between looks, where its server is to be spared. */
  readonly every?: number;
  /** Calls back when it may have changed. It only sharpens timestamps: poll as well. */
  watch(onChange: () => void): () => void;
}

export interface NodeExit {
  node: string;
  pid: number;
  /** Its pod, where nodes are pods. */
  pod?: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * When the machine of a cluster was not itself, monotonic milliseconds: nobody ran on it, or its host gave most of its
 * processors (`share`, of 1) to others.
 */
export interface Disturbance {
  why: 'stood-still' | 'taken';
  after: number;
  by: number;
  share?: number;
}

/** Undefined when the target has the capability, otherwise why not and what would give it. */
export type Lacking = Readonly<Partial<Record<Capability, string>>>;
