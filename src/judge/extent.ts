import { between } from '../core/extent.js';
import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import type { Extent, Verdict } from './findings.js';

export { between, exactly } from '../core/extent.js';

export const sum = (extents: readonly Extent[]): Extent => ({
  atLeast: extents.reduce((total, e) => total + e.atLeast, 0),
  atMost: extents.some((e) => e.atMost === null) ? null : extents.reduce((total, e) => total + (e.atMost ?? 0), 0),
});

/**
 * Time from one event to a later one, each known as an interval. Clipped at 0, since an effect does not come before
 * its cause. Milliseconds, to the microsecond.
 */
export const elapsed = (from: Interval, to: Interval): Extent =>
  between(round(Math.max(0, to.after - from.by)), round(Math.max(0, to.by - from.after)));

/** The most that can have passed from an event to `by`, in milliseconds. */
export const elapsedAtMost = (from: Interval, by: number): number => round(Math.max(0, by - from.after));

/** Time since an event until at least `seen`, when what is waited for has not come about. */
export const stillWaiting = (from: Interval, seen: number): Extent => between(round(Math.max(0, seen - from.by)), null);

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

/** The greatest number; minus infinity of none. Unlike Math.max(...) it takes lists of any length. */
export const greatest = (numbers: readonly number[]): number =>
  numbers.reduce((top, n) => (n > top ? n : top), Number.NEGATIVE_INFINITY);

/** A bound, both ends inclusive; an end that is absent does not bind. */
export interface Bound {
  atLeast?: number;
  atMost?: number;
}

/** Passed or failed only where every value that the extent allows gives the same answer. */
export function compare(extent: Extent, bound: Bound): Verdict {
  const low = bound.atLeast ?? Number.NEGATIVE_INFINITY;
  const high = bound.atMost ?? Number.POSITIVE_INFINITY;
  const top = extent.atMost ?? Number.POSITIVE_INFINITY;
  if (extent.atLeast >= low && top <= high) return 'passed';
  if (top < low || extent.atLeast > high) return 'failed';
  return 'inconclusive';
}

/** "12.10 s to 12.40 s", "more than 60.00 s". */
export function durationText({ atLeast, atMost }: Extent): string {
  if (atMost === null) return `more than ${formatDuration(atLeast)}`;
  const [low, high] = [formatDuration(atLeast), formatDuration(atMost)];
  return low === high ? low : `${low} to ${high}`;
}

/** "0", "3 to 7", "at least 12". */
export function countText({ atLeast, atMost }: Extent): string {
  if (atMost === null) return `at least ${atLeast}`;
  return atLeast === atMost ? `${atLeast}` : `${atLeast} to ${atMost}`;
}
