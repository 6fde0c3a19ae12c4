import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import type { FaultFinding } from './findings.js';
import { together } from './together.js';

/** From a fault's taking effect until it was healed and recovered from; wall milliseconds. */
export interface FaultWindow {
  fault: number;
  from: number;
  to: number;
}

/**
 * The windows of the faults that took effect, in their order, of those that belong together as one; each ends where the
 * next one begins at the latest.
 */
export function faultWindows(events: readonly JournalEvent[], faults: readonly FaultFinding[]): FaultWindow[] {
  const windows = together(faults).flatMap((group): FaultWindow[] => {
    const [{ index, effective, phases } = {}] = group;
    const stamp = eventsOf(events, 'fault.effective').find((event) => event.fault === index);
    if (index === undefined || !effective || !stamp) return [];
    const offset = stamp.wall - stamp.mono;
    const healed = group.map((fault) => fault.healed?.by ?? Number.POSITIVE_INFINITY);
    const recovered = (phases ?? []).map(({ at }) => at?.by).filter((by) => by !== undefined);
    return [{ fault: index, from: effective.after + offset, to: Math.max(...healed, ...recovered) + offset }];
  });
  return windows.map((window, i) => ({ ...window, to: Math.min(window.to, windows[i + 1]?.from ?? window.to) }));
}
