import type { Clock } from '../core/clock.js';
import type { Choose } from '../core/pick.js';
import type {
  Capability,
  Cluster,
  HaStore,
  JobCheckpoints,
  JobControl,
  Leadership,
  LoadControl,
  Placement,
  Servers,
} from '../target/ports.js';

/** What a fault may see and use while it acts. */
export interface FaultContext {
  cluster: Cluster;
  leadership: Leadership;
  store: HaStore;
  placement: Placement;
  servers: Servers;
  checkpoints: JobCheckpoints;
  /** Absent where the job is somebody else's, and where a run that is dead is healed. */
  job?: JobControl | undefined;
  /** Absent in the same cases. */
  load?: LoadControl | undefined;
  clock: Clock;
  signal: AbortSignal;
  /** How long the cluster may take to notice a lost member, in milliseconds: the longest of its own timeouts. */
  detection: number;
  /** How long a process may stand still before anybody notices, in milliseconds. */
  unnoticed: number;
  /** For what is left to chance: the same for the same seed. */
  pick: Choose;
}

/** Evidence that something came about in (after, by]; monotonic milliseconds. */
export interface Proof {
  after: number;
  by: number;
  evidence: string[];
}

/** How an operation on the job ended, in (after, by]; monotonic milliseconds. */
export interface Outcome {
  /** `unknown`: nobody can tell. */
  state: 'completed' | 'failed' | 'unknown';
  text: string;
  after: number;
  by: number;
}

/** The victims, chosen and identified but not yet touched. `undo` is plain data: all that healing needs. */
export interface Resolved<Undo> {
  /** At least one; with the process that is meant, where a process is. */
  nodes: { node: string; pid?: number; pod?: string }[];
  selector: string;
  undo: Undo;
  evidence: string[];
  /** How many of them stay; none unless told. */
  leaves?: number;
}

/**
 * One kind of fault. The runner calls resolve, writes `undo` to the ledger, then injects; so whatever `inject` has
 * begun can be healed by a process that has nothing but the ledger.
 */
export interface Fault<Options, Undo> {
  readonly name: string;
  readonly requires: readonly Capability[];
  resolve(options: Options, context: FaultContext): Promise<Resolved<Undo>>;
  /** Acts and proves that the fault is active. @throws FlinchError FAULT_INJECT, FAULT_NOT_EFFECTIVE */
  inject(undo: Undo, context: FaultContext): Promise<Proof>;
  /** A proof that takes longer: beside the recovery, or at the end of a fault of a given length. @throws FlinchError FAULT_NOT_EFFECTIVE */
  confirm?(undo: Undo, context: FaultContext): Promise<string[]>;
  /**
   * Of an operation on the job: waits for its end, from its first effect on.
   * @param held resolves when the time is over for which it is held
   */
  outcome?(undo: Undo, context: FaultContext, held: Promise<void>): Promise<Outcome>;
  /** Milliseconds from effective to healing. Without any it stays until the recovery from it has been seen. */
  hold?(undo: Undo): number | undefined;
  /** Done again and again while it is held. */
  readonly meanwhile?: {
    /** Milliseconds. */
    readonly every: number;
    act(undo: Undo, context: FaultContext): Promise<void>;
  };
  /** Undoes and proves that nothing of it is left. Safe to repeat. @throws FlinchError HEAL_FAILED */
  heal(undo: Undo, context: FaultContext): Promise<Proof>;
}
