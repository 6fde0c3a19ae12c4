import type { Group, Said } from './group.js';
import type { Invariant } from './invariant.js';
import { type Scaled, showScaled } from './scaled.js';
import type { Total } from './totals.js';

/** What the sink says of a group otherwise than the source: of a group that only one of them has, without invariant. */
export interface Mismatch {
  /** Its index. */
  invariant?: number;
  expected: string;
  found: string;
  /** The record of the sink. */
  said?: Said;
}

/**
 * - `right`: the last record of the sink is what the source comes to.
 * - `wrong`: it is not, and what it was when the window began was possible.
 * - `before`: it was not what the source came to when the window began: nothing of the window is to blame.
 * - `unclear`: it cannot be told.
 */
export type JudgedGroup =
  | { state: 'right' }
  | { state: 'wrong' | 'before'; mismatches: Mismatch[] }
  | { state: 'unclear'; why: string };

/** @param sinkWhole whether the sink still has its first records */
export function judgeGroup(group: Group, invariants: readonly Invariant[], sinkWhole: boolean): JudgedGroup {
  const { unclear, last, begun, records, before, byBegun } = group;
  if (unclear !== undefined) return { state: 'unclear', why: unclear };
  const there = (said: Said | undefined): Said | undefined => (said?.gone ? undefined : said);
  const [now, then] = [there(last), there(begun)];
  for (const said of [now, then]) {
    const strange = said?.numbers.indexOf(undefined) ?? -1;
    if (!said || strange < 0) continue;
    const at = `partition ${said.partition}, offset ${said.offset}`;
    return {
      state: 'unclear',
      why: `the sink's record at ${at} has no number at ${invariants[strange]?.spec.sink || 'the root'}`,
    };
  }
  if (!sinkWhole && ((!last && records > 0) || (!begun && before > 0))) {
    return { state: 'unclear', why: 'the sink, which no longer has its first records, does not have it' };
  }
  const earlier = mismatches(then, byBegun, before, () => mismatchesBefore(then as Said, group, invariants));
  if (earlier.length > 0) return { state: 'before', mismatches: earlier };
  const wrong = mismatches(now, records, records, () => mismatchesNow(now as Said, group, invariants));
  return wrong.length === 0 ? { state: 'right' } : { state: 'wrong', mismatches: wrong };
}

/** @param most records of the source that there are by then; @param least those that the sink must know of */
function mismatches(said: Said | undefined, most: number, least: number, both: () => Mismatch[]): Mismatch[] {
  if (!said) return least > 0 ? [missing(least)] : [];
  return most === 0 ? [stranger(said)] : both();
}

const count = (n: number): string => `${n} record${n === 1 ? '' : 's'} at the source`;
const missing = (records: number): Mismatch => ({ expected: count(records), found: 'nothing at the sink' });
const stranger = (said: Said): Mismatch => ({ expected: 'nothing: no record at the source', found: 'a record', said });
const show = (number: Scaled | null): string => (number === null ? 'null' : showScaled(number));

function mismatchesNow(said: Said, { totals }: Group, invariants: readonly Invariant[]): Mismatch[] {
  return invariants.flatMap((invariant, i) => {
    const expected = (totals[i] as Total).final();
    const found = said.numbers[i] ?? null;
    if (invariant.holds(expected, found)) return [];
    return [{ invariant: i, expected: show(expected), found: show(found), said }];
  });
}

function mismatchesBefore(said: Said, { totals }: Group, invariants: readonly Invariant[]): Mismatch[] {
  return invariants.flatMap((invariant, i) => {
    const total = totals[i] as Total;
    const found = said.numbers[i] ?? null;
    if (total.possibleBefore(found, invariant.tolerance)) return [];
    const [low, high] = total.rangeBefore().map(show);
    return [{ invariant: i, expected: low === high ? `${low}` : `${low} to ${high}`, found: show(found), said }];
  });
}
