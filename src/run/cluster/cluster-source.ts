import type { ClusterSpec } from '../../core/scenario.js';
import type { Cluster, Disturbance } from '../../target/ports.js';

export interface Acquired {
  cluster: Cluster;
  /** True when it was there before this run. */
  reused: boolean;
  /** Milliseconds from the first process to all nodes serving; 0 when reused. */
  tookMs: number;
}

export interface AcquireOptions {
  spec: ClusterSpec;
  runDir: string;
  signal: AbortSignal;
  onReady(node: string): void;
}

/** Where a run gets its cluster from, and gives it back to. */
export interface ClusterSource {
  acquire(options: AcquireOptions): Promise<Acquired>;
  /** Whether the cluster may serve another run after this one, so that this one has to clear its things away. */
  readonly lasts: boolean;
  /** Whether another one is started where this one is not sound. */
  readonly replaceable: boolean;
  /** The file in which a run on this cluster says that it lives; absent where the cluster dies with it. */
  readonly pulse?: string;
  /** Watches the machine that the cluster shares with this process; absent where it shares none. @returns what ends the watch */
  watchMachine?(tell: (disturbance: Disturbance) => void): () => void;
  /** @param sound false when the run leaves doubt about the cluster's health */
  release(sound: boolean): Promise<void>;
  /** Where the ledger of a run on this cluster lies: it must be found by whoever comes after. */
  ledger(runDir: string): string;
  /** Tells others of it, beside the cluster; absent where only this machine can heal it. @throws FlinchError KUBERNETES, CLUSTER_BUSY */
  tellLedger?(): Promise<void>;
}
