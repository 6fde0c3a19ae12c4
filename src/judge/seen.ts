import { contains, intersect, normalise, type Range, size, subtract } from '../core/ranges.js';
import type { EventOf, LaneSeen } from '../journal/events.js';
import type { OpenTransaction } from './findings.js';
import type { LaneLedger } from './produced.js';

/** Extra occurrences, beyond the first of each: of records that were attempted, and of others. */
export function extras(
  lanes: readonly LaneSeen[],
  ledger: ReadonlyMap<number, LaneLedger>,
): { ours: number; strange: number } {
  const count = { ours: 0, strange: 0 };
  for (const { lane, repeated } of lanes) {
    const attempted: Range[] = [[1, ledger.get(lane)?.attempted ?? 0]];
    for (const [from, to, times] of repeated) {
      const ours = size(intersect([[from, to]], attempted));
      count.ours += ours * (times - 1);
      count.strange += (to - from + 1 - ours) * (times - 1);
    }
  }
  return count;
}

/** Distinct sequences seen in one lane. */
export const seenIn = (lanes: readonly LaneSeen[], lane: number): Range[] =>
  normalise(lanes.filter((l) => l.lane === lane).flatMap((l) => l.seen));

/** Sequences per lane that nobody ever attempted. */
export function neverAttempted(
  lanes: readonly LaneSeen[],
  ledger: ReadonlyMap<number, LaneLedger>,
): { lane: number; ranges: Range[] }[] {
  return [...new Set(lanes.map((l) => l.lane))]
    .map((lane) => {
      const attempted = ledger.get(lane)?.attempted ?? 0;
      return { lane, ranges: subtract(seenIn(lanes, lane), [[1, attempted]]) };
    })
    .filter(({ ranges }) => ranges.length > 0);
}

/** Sum over lanes of how many of `of(lane)` were seen. */
export const countSeen = (
  ledger: ReadonlyMap<number, LaneLedger>,
  lanes: readonly LaneSeen[],
  of: (lane: LaneLedger) => Range[],
): number => [...ledger.values()].reduce((sum, lane) => sum + size(intersect(of(lane), seenIn(lanes, lane.lane))), 0);

/** Partitions with records after the last stable offset: a transaction is open, or was left open. */
export const openTransactions = (read: EventOf<'data.read'>): OpenTransaction[] =>
  read.partitions
    .filter((p) => p.lastStableOffset < p.highWatermark)
    .map(({ partition, lastStableOffset, highWatermark }) => ({ partition, lastStableOffset, highWatermark }));

/** Whether this sequence was seen more than once. */
export const isRepeated = (lanes: readonly LaneSeen[], lane: number, sequence: number): boolean =>
  lanes.some(
    (l) =>
      l.lane === lane &&
      contains(
        l.repeated.map(([from, to]): Range => [from, to]),
        sequence,
      ),
  );
