import type { AggregateRelation, FilterSpec, IdentitySpec, Relation } from './record-spec.js';

/**
 * A validated scenario as plain data: durations in milliseconds, rates in records a second, sizes in bytes. The
 * language that produces it lives in `scenario/`; the type lives here because the journal carries it and the judges
 * read it.
 */
export interface Scenario {
  name: string;
  title: string;
  cluster: ClusterSpec;
  workload: WorkloadSpec | AttachedWorkload;
  steadyState: { hold: number; within: number };
  faults: FaultSpec[];
  /** Of what is left to chance; a run without one draws it. */
  seed?: number;
  /** What a fault may touch only where the scenario says so. */
  allow?: 'storage'[];
  /** What faults must leave alone. Absent where nothing is said, on a cluster of Flinch's own. */
  guards?: Guards;
  /** What ends the run at once, with all healed. */
  stop?: StopCondition[];
  objectives: Objective[];
}

/** What faults must leave alone. */
export interface Guards {
  /** Nodes of its role that a fault has to leave running. */
  remain: number;
  /** Whether another JobManager has to contend before the leading one is taken away. */
  standby: boolean;
  /** Slots that have to be free before a TaskManager is taken away. */
  freeSlots: number;
  /** Milliseconds that a fault may last. */
  longest: number;
}

export const FLINK_LINES = ['1.20', '2.2', '2.3'] as const;
export type FlinkLine = (typeof FLINK_LINES)[number];

export interface ClusterSpec {
  flink: FlinkLine;
  highAvailability: 'zookeeper';
  jobManagers: number;
  taskManagers: number;
  /** Task slots of one TaskManager. */
  slots: number;
  zookeepers: 1 | 3;
  brokers: 1 | 3;
  /** Size of each TaskManager's and broker's own disk, in bytes. */
  disk: number;
  /** Whether Flink's nodes and ZooKeeper find each other by name; without it by address. */
  names?: true | undefined;
  /** Flink configuration on top of what the local target sets; keys and values as Flink writes them. */
  flinkConfig: Record<string, string>;
  /** zoo.cfg on top of what the local target sets. */
  zookeeperConfig: Record<string, string>;
  /** server.properties of each broker on top of what the local target sets. */
  kafkaConfig: Record<string, string>;
}

export const GUARANTEES = ['exactly-once', 'at-least-once', 'none'] as const;
export type Guarantee = (typeof GUARANTEES)[number];
export const JOBS = ['pass-through', 'count'] as const;
export type JobKind = (typeof JOBS)[number];

/** A job of Flinch's own, on records that it writes. */
export interface WorkloadSpec {
  job: JobKind;
  guarantee: Guarantee;
  /** Records a second over all lanes. */
  rate: number;
  /** Bytes to fill each record's value up to; 0 for no filling. */
  recordSize: number;
  /** Lanes of gapless sequences; lane l is written to partition l mod partitions. */
  lanes: number;
  /** Partitions of the input and of the output topic. */
  partitions: number;
  parallelism: number;
  /** Milliseconds between checkpoints. */
  checkpoints: number;
  stateBackend: 'rocksdb' | 'hashmap';
  /** The sink's transaction.timeout.ms. */
  transactionTimeout: number;
  /** Kafka producer settings of the sink on top of the connector's. */
  sinkConfig: Record<string, string>;
}

/** A job that runs already, on records that others write. */
export interface AttachedWorkload {
  job: 'attached';
  guarantee: Guarantee;
  attach: AttachSpec;
}

export interface AttachSpec {
  /** Name or id of the job. */
  job: string;
  source: AttachedTopic;
  sink: AttachedTopic;
  /** host:port of each broker; the cluster's own unless told. */
  brokers?: string[];
  relation: Relation | AggregateRelation;
  /** With a subset: which records of the source come out. With an aggregate: which of them count. */
  filter?: FilterSpec;
  /** How long a record may come out later than those that went in behind it, in milliseconds. */
  patience: number;
}

export interface AttachedTopic {
  topic: string;
  identity: IdentitySpec;
}

export interface FaultSpec {
  /** The catalogue's name of the fault, e.g. `kill`. */
  kind: string;
  /** The fault's own options, validated by its schema. */
  options: Record<string, unknown>;
  /** Of a fault that is repeated: which time it is, and the milliseconds from one injection to the next, at least. */
  time?: { nth: number; of: number; every: number };
  /** Together with the fault before it: injected once that one is effective, whether or not it is over. */
  beside?: true;
  /** What it waits for before it is injected. */
  when?: Trigger;
  /** Milliseconds that it waits after that. */
  at?: number;
}

/** What a system does of itself that a fault can wait for. */
export const MOMENTS = [
  'checkpoint due',
  'checkpoint triggered',
  'between pre-commit and commit',
  'checkpoint completed',
  'restoring',
  'leader changed',
] as const;
export type Moment = (typeof MOMENTS)[number];
/** `lag`: records that are acknowledged and not yet in the committed output. */
export type Trigger = { on: Moment } | { on: 'lag'; above: number };

/** Index of the first of the faults that belong together with this one. */
export function groupStart(faults: readonly FaultSpec[], index: number): number {
  let first = index;
  while (first > 0 && faults[first]?.beside) first--;
  return first;
}

/** Whether a fault belongs together with no other. */
export const isAlone = (faults: readonly FaultSpec[], index: number): boolean =>
  !faults[index]?.beside && !faults[index + 1]?.beside;

/** Something that must not go on: looked for from the steady state to the end of the last recovery. */
export type StopCondition = (
  | { kind: 'lagAbove'; records: number }
  | { kind: 'noOutputFor'; ms: number }
  /** An exit other than 0 is what is not to be. */
  | { kind: 'command'; command: string[]; every: number }
) & { verdict: StopVerdict };
/** What the run is when it was stopped. */
export type StopVerdict = 'failed' | 'inconclusive';
/** The objective that a scenario with stop conditions has beside its own: that none of them held. */
export const NOT_STOPPED = 'stop';

/** The objective that a scenario with operations on the job has beside its own: that each ended as it was to. */
export const OPERATIONS = 'operations';

/** Objectives that bound a time in milliseconds. */
export const DURATION_OBJECTIVES = ['recovery', 'outputGap', 'firstCheckpoint', 'caughtUp'] as const;
/** Objectives that bound a count. */
export const COUNT_OBJECTIVES = [
  'lost',
  'duplicated',
  'unexpected',
  'reordered',
  'recovered',
  'wrongState',
  'leaderChanges',
  'splitLeadership',
] as const;
/** Phases of a recovery, in their order. Each can be bounded as `phase.<name>`. */
export const PHASES = [
  'detected',
  'leadershipLost',
  'newLeader',
  'jobGraphRecovered',
  'backoffOver',
  'slotsAllocated',
  'deployed',
  'stateRestored',
  'tasksRunning',
  'capacityRegained',
  'firstCheckpoint',
  'firstOutput',
  'caughtUp',
] as const;
export type PhaseName = (typeof PHASES)[number];

export interface Objective {
  /** As written: `recovery`, `lost`, `phase.newLeader`, `impact`. */
  name: string;
  unit: 'ms' | 'count' | 'impact';
  /** Inclusive bounds for `ms` and `count`. */
  atLeast?: number;
  atMost?: number;
  /** For `impact`: whether an outage is expected to be felt. */
  impact?: 'none' | 'some';
  /** The bound as people read it: "within 30s", "0", "at least 1". */
  text: string;
}
