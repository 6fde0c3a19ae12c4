import { contains, type Range, subtract } from '../core/ranges.js';
import type { EventOf, JournalEvent, LaneSeen } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import type { BalanceExample } from './findings.js';
import type { LaneLedger } from './produced.js';
import { isRepeated, seenIn } from './seen.js';

/** Examples of each kind that a balance carries. */
export const EXAMPLES = 5;

/** The first lost records, as ranges: a lost record has no place in the output. */
export function lossExamples(ledger: ReadonlyMap<number, LaneLedger>, lanes: readonly LaneSeen[]): BalanceExample[] {
  return [...ledger.values()]
    .sort((a, b) => a.lane - b.lane)
    .flatMap(({ lane, acknowledged }) =>
      subtract(acknowledged, seenIn(lanes, lane)).map((sequences) => ({ problem: 'lost' as const, lane, sequences })),
    )
    .slice(0, EXAMPLES);
}

/** Milliseconds from the first fault's effect to a wall time; undefined when no fault took effect. */
export function sinceFault(events: readonly JournalEvent[], wall: number): number | undefined {
  const fault = eventsOf(events, 'fault.effective')[0];
  return fault && Math.round(wall - (fault.wall - fault.mono + fault.by));
}

/** The first repeated and unexpected records, with their places. */
export function readExamples(
  events: readonly JournalEvent[],
  read: EventOf<'data.read'>,
  phantoms: readonly { lane: number; ranges: Range[] }[],
): BalanceExample[] {
  const all = read.examples.map((place): BalanceExample => {
    const { lane, sequence, partition, offset, time, altered } = place;
    const phantom = phantoms.some((p) => p.lane === lane && contains(p.ranges, sequence));
    const repeated = !phantom && isRepeated(read.lanes, lane, sequence);
    const problem = altered ? 'altered' : repeated ? 'duplicated' : 'unexpected';
    const since = sinceFault(events, time);
    const base = { problem, lane, sequences: [sequence, sequence] as Range, partition, offset, time } as const;
    return since === undefined ? base : { ...base, sinceFault: since };
  });
  const firstOf = (problem: BalanceExample['problem']) => all.filter((e) => e.problem === problem).slice(0, EXAMPLES);
  return [...firstOf('duplicated'), ...firstOf('altered'), ...firstOf('unexpected')];
}
