import type { JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../../judge/events-of.js';
import type { RunState } from '../run-state.js';
import { timelineNow } from '../timeline-now.js';
import { waitFor } from '../wait-for.js';
import { isHopeless } from './hopeless.js';

/** Milliseconds for the lag to come back. */
const WITHIN = 60_000;
/** A new outage within this time after healing belongs to the fault. Milliseconds. */
const QUIET = 2_000;
/** On top of the longest time-out of the cluster, after an outage of ZooKeeper. Milliseconds. */
const AFTERMATH = 4_000;
const EVERY = 250;

/**
 * Waits after faults until the lag is back in its band and nothing broke anew; what did not come about is for the judge
 * to tell.
 */
export async function settle(state: RunState, faults: readonly number[]): Promise<void> {
  const { clock, signal, recorder, period } = state;
  const since = clock.mono();
  const quietUntil = Math.max(since + QUIET, ...faults.map((fault) => aftermath(state, fault)));
  const settled = (): boolean =>
    faults.every((fault) => isSettled(recorder.events, fault, period) || isHopeless(state, fault));
  await waitFor(() => (clock.mono() >= quietUntil && settled() ? true : undefined), {
    until: Math.max(since + WITHIN, quietUntil),
    clock,
    signal,
    every: EVERY,
  });
}

/**
 * When what follows an outage of ZooKeeper has had its time: the sessions of before live on there for as long as a
 * session lasts, and a second leader comes only when they have expired. Monotonic milliseconds.
 */
function aftermath({ recorder, detection }: RunState, fault: number): number {
  const of = <T extends { fault: number }>(events: T[]) => events.findLast((event) => event.fault === fault);
  const store = of(eventsOf(recorder.events, 'fault.resolved'))?.selector.includes('zookeeper');
  const healed = of(eventsOf(recorder.events, 'fault.healed'))?.by;
  return store && healed !== undefined ? healed + detection + AFTERMATH : 0;
}

function isSettled(events: readonly JournalEvent[], fault: number, period: number): boolean {
  const now = timelineNow(events, fault, period);
  return now === undefined || now.phases.every(({ state }) => state !== 'not-reached');
}
