import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from '../judge/events-of.js';
import type { Impact, Phase } from '../judge/findings.js';
import { timelineOf, windowEnd } from '../judge/timeline.js';

export interface TimelineNow {
  impact: Impact;
  phases: Phase[];
  /** Monotonic milliseconds: the fault is in effect at the latest since then. */
  effective: number;
}

/**
 * The judge's timeline of a fault as far as the journal goes: the run waits for what the verdict will rest on, not
 * for a second definition of it. Undefined when the fault is not effective.
 * @param period milliseconds between checkpoints
 */
export function timelineNow(events: readonly JournalEvent[], fault: number, period: number): TimelineNow | undefined {
  const proof = eventsOf(events, 'fault.effective').find((event) => event.fault === fault);
  if (!proof) return undefined;
  const { after, by } = proof;
  const window = { events, effective: { after, by }, to: windowEnd(events, proof), period };
  const { impact, phases } = timelineOf(window, proof);
  return impact && phases ? { impact, phases, effective: by } : undefined;
}
