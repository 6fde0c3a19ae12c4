import type { Look } from './events.js';

/** The first and the last of some tasks to enter a state, milliseconds since the epoch by the JobManager's clock. */
export type Entered = [first: number, last: number];

/** The tasks of a job that were created when it was started last, and how far they have come. */
export interface StartedTasks {
  /** Of the whole job, and of those started last: fewer where only a region was. */
  total: number;
  started: number;
  /** Of `started`, those that run or are done. */
  running: number;
  /** When they asked for slots, had them, were at their TaskManagers, and had their state; of those that have come so far. */
  scheduled?: Entered;
  deploying?: Entered;
  initializing?: Entered;
  ran?: Entered;
}

/** Flink's own times of the job, told when they have changed. */
export type ExecutionEvent = {
  type: 'observed.execution';
  node: string;
  /** The JobManager's clock between `start` and `end`, milliseconds since the epoch. */
  now: number;
  /** When the job entered each state last, by the same clock; states that it never was in are left out. */
  timestamps: Record<string, number>;
  tasks?: StartedTasks;
} & Look;
