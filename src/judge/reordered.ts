import { intersect, type Range, size, subtract } from '../core/ranges.js';
import type { EventOf } from '../journal/events.js';
import { between, sum } from './extent.js';
import type { BalanceExample, Extent } from './findings.js';
import type { LaneLedger } from './produced.js';

type Read = EventOf<'data.read'>;

/** Sequences of a lane that the job reordered: those for certain, and those that may be. */
function lateIn(lane: LaneLedger, output: Read, input: Read | undefined): { certain: Range[]; possible: Range[] } {
  const ours: Range[] = [[1, lane.attempted]];
  const seen = output.lanes.find((l) => l.lane === lane.lane);
  if (!seen) return { certain: [], possible: [] };
  if (!seen.late) return { certain: [], possible: intersect(seen.seen, ours) };
  const late = intersect(seen.late, ours);
  const before = input?.lanes.find((l) => l.lane === lane.lane);
  // What was late in the input already is not the job's doing; of an input that was not read so far, nothing is known.
  if (!before?.late || !input?.complete) return { certain: [], possible: late };
  const certain = subtract(late, before.late);
  return { certain, possible: certain };
}

/** Undefined when the journal tells nothing of order, as older ones do. */
export function reorderedOf(
  ledger: ReadonlyMap<number, LaneLedger>,
  output: Read | undefined,
  input: Read | undefined,
): { count: Extent; examples: BalanceExample[] } | undefined {
  if (!output || output.lanes.some(({ late }) => late === undefined)) return undefined;
  const lanes = [...ledger.values()].sort((a, b) => a.lane - b.lane);
  const late = lanes.map((lane) => ({ lane: lane.lane, ...lateIn(lane, output, input) }));
  const all = sum(late.map(({ certain, possible }) => between(size(certain), size(possible))));
  return {
    count: output.complete ? all : between(all.atLeast, null),
    examples: late.flatMap(({ lane, certain }) =>
      certain.map((sequences): BalanceExample => ({ problem: 'reordered', lane, sequences })),
    ),
  };
}
