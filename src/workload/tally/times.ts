import type { Range } from '../../core/ranges.js';
import { appendRange } from '../ranges.js';

/** Sequences `from` to `to`, each so many times. */
export type Times = [from: number, to: number, times: number];

/** Adds up what may overlap: all the sequences, and those that come to more than one, both ascending. */
export function timesOf(parts: readonly Times[]): { seen: Range[]; repeated: Times[] } {
  const seen: Range[] = [];
  const repeated: Times[] = [];
  const starts = [...parts].sort((a, b) => a[0] - b[0]);
  const ends = [...parts].sort((a, b) => a[1] - b[1]);
  let times = 0;
  let from = 0;
  for (let i = 0, j = 0; j < ends.length; ) {
    const start = i < starts.length ? starts[i]![0] : Number.POSITIVE_INFINITY;
    const end = ends[j]![1] + 1;
    const at = Math.min(start, end);
    if (times > 0 && at > from) {
      appendRange(seen, from, at - 1);
      if (times > 1) append(repeated, from, at - 1, times);
    }
    from = at;
    for (; i < starts.length && starts[i]![0] === at; i++) times += starts[i]![2];
    for (; j < ends.length && ends[j]![1] + 1 === at; j++) times -= ends[j]![2];
  }
  return { seen, repeated };
}

function append(repeated: Times[], from: number, to: number, times: number): void {
  const last = repeated.at(-1);
  if (last && last[1] + 1 === from && last[2] === times) last[1] = to;
  else repeated.push([from, to, times]);
}
