import type { Clock } from '../core/clock.js';
import type { Scenario } from '../core/scenario.js';
import type { FaultContext } from '../fault/fault.js';
import type { Cluster } from '../target/ports.js';
import type { Recorder } from './recorder.js';
import type { Ledger } from './safety/ledger.js';

/** What the steps of one run share once the cluster is up and the workload flows. */
export interface RunState {
  readonly run: string;
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** Aborted by an interrupt or when the journal cannot be written. */
  readonly signal: AbortSignal;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  /** Longest time the cluster may take to notice a lost member, in milliseconds. */
  readonly detection: number;
  /** Milliseconds between checkpoints. */
  readonly period: number;
  /** Has everything looked at now, and closely until all has been well for a while. */
  alert(): void;
  faultContext(signal: AbortSignal): FaultContext;
}
