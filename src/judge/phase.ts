import type { Interval } from '../core/poll.js';
import type { PhaseName } from '../core/scenario.js';
import { durationText, elapsed, stillWaiting } from './extent.js';
import type { Phase } from './findings.js';

/** A phase that came about in `at`. */
export function reached(name: PhaseName, effective: Interval, at: Interval, what: string): Phase {
  const took = elapsed(effective, at);
  return { name, state: 'reached', at, took, text: `${what}, ${durationText(took)} after the fault took effect` };
}

/** A phase that had not come about at `seen`. */
export function notReached(name: PhaseName, effective: Interval, seen: number, what: string): Phase {
  const took = stillWaiting(effective, seen);
  return { name, state: 'not-reached', took, text: `${what} in the time observed, ${durationText(took)}` };
}

export const notImpacted = (name: PhaseName, text: string): Phase => ({ name, state: 'not-impacted', text });

export const unclear = (name: PhaseName, text: string): Phase => ({ name, state: 'unclear', text });
