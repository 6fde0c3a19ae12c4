import { normalise, type Range, subtract } from '../../core/ranges.js';

/**
 * The sequences that first lie behind a higher one, ascending: those that were reordered. Repeats of what was there
 * before are none. @param runs in the order in which they lie in their topic
 */
export function lateOf(runs: readonly Range[]): Range[] {
  /** Ascending, disjoint. */
  const seen: Range[] = [];
  const late: Range[] = [];
  let highest = -1;
  for (const [from, to] of runs) {
    if (from > highest) {
      seen.push([from, to]);
    } else {
      const first = firstReaching(seen, from);
      const behind = firstReaching(seen, to + 1);
      const last = seen[behind];
      const overlapping = seen.slice(first, last && last[0] <= to ? behind + 1 : behind);
      late.push(...subtract([[from, Math.min(to, highest)]], overlapping));
      seen.splice(first, overlapping.length, ...normalise([...overlapping, [from, to]]));
    }
    highest = Math.max(highest, to);
  }
  return normalise(late);
}

/** Index of the first range that ends at or after `at`. */
function firstReaching(ranges: readonly Range[], at: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]![1] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
