import type { Range } from '../core/ranges.js';

/** Adds [from, to], which must lie behind everything in `ranges`; joins it to the last range where they touch. */
export function appendRange(ranges: Range[], from: number, to: number): void {
  const last = ranges.at(-1);
  if (last && last[1] + 1 === from) last[1] = to;
  else ranges.push([from, to]);
}
