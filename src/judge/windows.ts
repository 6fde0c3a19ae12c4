import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import type { FaultFinding } from './findings.js';

/** From a fault's taking effect until it was healed and recovered from; wall milliseconds. */
export interface FaultWindow {
  fault: number;
  from: number;
  to: number;
}

/** The windows of the faults that took effect, in their order; each ends where the next one begins at the latest. */
export function faultWindows(events: readonly JournalEvent[], faults: readonly FaultFinding[]): FaultWindow[] {
  const windows = faults.flatMap(({ index, effective, healed, phases }): FaultWindow[] => {
    const stamp = eventsOf(events, 'fault.effective').find((event) => event.fault === index);
    if (!effective || !stamp) return [];
    const offset = stamp.wall - stamp.mono;
    const recovered = phases.map(({ at }) => at?.by).filter((by) => by !== undefined);
    const to = Math.max(healed?.by ?? Number.POSITIVE_INFINITY, ...recovered);
    return [{ fault: index, from: effective.after + offset, to: to + offset }];
  });
  return windows.map((window, i) => ({ ...window, to: Math.min(window.to, windows[i + 1]?.from ?? window.to) }));
}
