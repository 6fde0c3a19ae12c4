import type { Interval } from '../core/poll.js';
import { size } from '../core/ranges.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { wrongClock } from './checkpoints.js';
import { eventsOf, lastOf } from './events-of.js';
import { between, countText, durationText, elapsed } from './extent.js';
import type { FaultFinding, ReplayFinding } from './findings.js';
import { readsOf, replayedPieces } from './pieces.js';
import { together } from './together.js';
import { faultWindows } from './windows.js';

/**
 * How far the job went back after each fault. The records are those that the output holds again, in whatever view;
 * the depth in time runs from the trigger of the checkpoint that was restored to the outage.
 */
export function replaysOf(events: readonly JournalEvent[], faults: readonly FaultFinding[]): ReplayFinding[] {
  const reads = readsOf(events);
  if (!reads?.uncommitted?.complete) return [];
  const dates = lastOf(events, 'data.dated');
  const windows = faultWindows(events, faults);
  const counted = new Map<number, number>();
  for (const { lane, sequences } of replayedPieces(reads)) {
    const [from, to] = sequences;
    const date = dates?.ranges.find((d) => d.lane === lane && d.from === from && d.to === to);
    // What is read again was produced before the job came back: it belongs to the first fault that ended after that.
    const window = date && windows.find((w) => date.firstTime <= w.to);
    if (window) counted.set(window.fault, (counted.get(window.fault) ?? 0) + size([sequences]));
  }
  const firsts = together(faults).flatMap(([first]) => first ?? []);
  return firsts.flatMap((fault): ReplayFinding[] => {
    const restored = restoredAfter(events, fault, firsts);
    const known = counted.get(fault.index) ?? 0;
    if (restored === undefined && known === 0) return [];
    // What was processed but had not reached the output leaves no trace there.
    const records = between(known, null);
    const depth = restored?.triggered && fault.impact?.began && elapsed(restored.triggered, fault.impact.began);
    const back = restored
      ? `the job went back to checkpoint ${restored.id}`
      : 'which checkpoint was restored is not known';
    const far = depth ? `, triggered ${durationText(depth)} before the outage` : '';
    return [
      {
        fault: fault.index,
        records,
        ...(restored ? { checkpoint: restored.id } : {}),
        ...(depth ? { depth } : {}),
        text: `${back}${far}; the output holds ${countText(between(known, known))} records again`,
      },
    ];
  });
}

/** The last checkpoint restored after this fault and before the next, and when it was triggered. */
function restoredAfter(events: readonly JournalEvent[], fault: FaultFinding, faults: readonly FaultFinding[]) {
  const stamp = eventsOf(events, 'fault.effective').find((event) => event.fault === fault.index);
  if (!stamp || !fault.effective) return undefined;
  const offset = stamp.mono - stamp.wall;
  const next = faults.find((other) => other.index > fault.index && other.effective)?.effective;
  const looks = eventsOf(events, 'observed.checkpoints');
  const { after } = fault.effective;
  const restored = looks
    .map((look) => look.restored)
    .findLast((it) => it && it.at + offset >= after && it.at + offset < (next?.after ?? Number.POSITIVE_INFINITY));
  if (!restored) return undefined;
  const own = events.filter(({ mono }) => mono < (next?.after ?? Number.POSITIVE_INFINITY));
  if (wrongClock(own, after, offset) !== undefined) return { id: restored.id };
  const triggered = triggerOf(restored.id, looks, offset, fault.impact?.began?.by);
  return { id: restored.id, ...(triggered ? { triggered } : {}) };
}

/**
 * When a checkpoint was triggered. One that completed right before the outage may never have been the latest in any
 * look: it came after the one before it, and before the outage.
 */
function triggerOf(
  id: number,
  looks: readonly EventOf<'observed.checkpoints'>[],
  offset: number,
  outage: number | undefined,
): Interval | undefined {
  const seen = looks.flatMap(({ latest }) => latest ?? []);
  const own = seen.find((latest) => latest.id === id);
  if (own) return { after: own.triggeredAt + offset, by: own.triggeredAt + offset };
  const before = seen.filter((latest) => latest.id < id).sort((a, b) => b.id - a.id)[0];
  return before && outage !== undefined ? { after: before.triggeredAt + offset, by: outage } : undefined;
}
