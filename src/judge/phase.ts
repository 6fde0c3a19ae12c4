import type { Interval } from '../core/poll.js';
import type { PhaseName } from '../core/scenario.js';
import { durationText, elapsed, stillWaiting } from './extent.js';
import type { Phase } from './findings.js';

/** Where each phase is read from: the best that there is. */
export const PHASE_SOURCE: Readonly<Record<PhaseName, string>> = {
  detected: "Flink's own times, and the high-availability store",
  leadershipLost: 'the high-availability store, watched and polled',
  newLeader: 'the high-availability store, watched and polled',
  jobGraphRecovered: "Flink's own times",
  backoffOver: "Flink's own times",
  slotsAllocated: "Flink's own times",
  deployed: "Flink's own times",
  stateRestored: "Flink's own times",
  tasksRunning: 'task counts of /jobs/overview, which Flink does not cache',
  capacityRegained: 'task counts of /jobs/overview',
  firstCheckpoint: "Flink's own times, as the statistics of checkpoints tell them",
  firstOutput: 'committed records',
  caughtUp: 'committed records, against those acknowledged',
};

/** A phase that came about in `at`. */
export function reached(name: PhaseName, effective: Interval, at: Interval, what: string): Phase {
  const took = elapsed(effective, at);
  const source = PHASE_SOURCE[name];
  return {
    name,
    state: 'reached',
    source,
    at,
    took,
    text: `${what}, ${durationText(took)} after the fault took effect`,
  };
}

/** A phase that had not come about at `seen`. */
export function notReached(name: PhaseName, effective: Interval, seen: number, what: string): Phase {
  const took = stillWaiting(effective, seen);
  const source = PHASE_SOURCE[name];
  return { name, state: 'not-reached', source, took, text: `${what} in the time observed, ${durationText(took)}` };
}

export const notImpacted = (name: PhaseName, text: string): Phase => ({
  name,
  state: 'not-impacted',
  source: PHASE_SOURCE[name],
  text,
});

export const unclear = (name: PhaseName, text: string): Phase => ({
  name,
  state: 'unclear',
  source: PHASE_SOURCE[name],
  text,
});
