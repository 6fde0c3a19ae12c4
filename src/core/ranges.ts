/** Inclusive range of whole numbers. */
export type Range = [from: number, to: number];

/** The same set in its one normal form: sorted, disjoint, no two ranges touching, none empty. */
export function normalise(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter(([from, to]) => from <= to).sort((a, b) => a[0] - b[0]);
  const out: Range[] = [];
  for (const [from, to] of sorted) {
    const last = out.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** Numbers in `a` or in `b`. */
export const union = (a: readonly Range[], b: readonly Range[]): Range[] => normalise([...a, ...b]);

/** Numbers in both. */
export function intersect(a: readonly Range[], b: readonly Range[]): Range[] {
  const left = normalise(a);
  const right = normalise(b);
  const out: Range[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const [aFrom, aTo] = left[i] as Range;
    const [bFrom, bTo] = right[j] as Range;
    const from = Math.max(aFrom, bFrom);
    const to = Math.min(aTo, bTo);
    if (from <= to) out.push([from, to]);
    if (aTo < bTo) i++;
    else j++;
  }
  return out;
}

/** Numbers in `a` but not in `b`. */
export function subtract(a: readonly Range[], b: readonly Range[]): Range[] {
  const holes = normalise(b);
  const out: Range[] = [];
  let j = 0;
  for (const [start, to] of normalise(a)) {
    let from = start;
    while (j < holes.length && (holes[j] as Range)[1] < from) j++;
    for (let k = j; k < holes.length && (holes[k] as Range)[0] <= to; k++) {
      const [holeFrom, holeTo] = holes[k] as Range;
      if (holeFrom > from) out.push([from, holeFrom - 1]);
      from = Math.max(from, holeTo + 1);
    }
    if (from <= to) out.push([from, to]);
  }
  return out;
}

/** How many numbers. */
export const size = (ranges: readonly Range[]): number =>
  normalise(ranges).reduce((sum, [from, to]) => sum + to - from + 1, 0);

export const contains = (ranges: readonly Range[], value: number): boolean =>
  ranges.some(([from, to]) => from <= value && value <= to);

/** The highest number, 0 when there is none. */
export const highest = (ranges: readonly Range[]): number =>
  ranges.reduce((top, [from, to]) => (from <= to && to > top ? to : top), 0);
