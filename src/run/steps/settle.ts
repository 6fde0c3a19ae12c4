import type { JournalEvent } from '../../journal/events.js';
import type { RunState } from '../run-state.js';
import { timelineNow } from '../timeline-now.js';
import { waitFor } from '../wait-for.js';

/** Milliseconds for the lag to come back. */
const WITHIN = 60_000;
/** A new outage within this time after healing belongs to the fault. Milliseconds. */
const QUIET = 2_000;
const EVERY = 250;

/**
 * Waits after a fault until the lag is back in its band and nothing broke anew; what did not come about is for the judge
 * to tell.
 */
export async function settle({ clock, signal, recorder, period }: RunState, fault: number): Promise<void> {
  const since = clock.mono();
  await waitFor(() => (isSettled(recorder.events, fault, period) && clock.mono() - since >= QUIET ? true : undefined), {
    until: since + WITHIN,
    clock,
    signal,
    every: EVERY,
  });
}

function isSettled(events: readonly JournalEvent[], fault: number, period: number): boolean {
  const now = timelineNow(events, fault, period);
  return now === undefined || now.phases.every(({ state }) => state !== 'not-reached');
}
