import { intersect, type Range, size, subtract, union } from '../core/ranges.js';
import type { EventOf, HeldRecords, JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';
import { type LaneLedger, ledgerOf } from './produced.js';
import { seenIn } from './seen.js';

type Read = EventOf<'data.read'>;

/** Sequences of one lane that share a fate. */
export interface Piece {
  lane: number;
  sequences: Range;
  /** The uncommitted transaction of the output that holds them. */
  held?: HeldRecords;
}

/** The last reads of a run's topics. */
export interface Reads {
  ledger: ReadonlyMap<number, LaneLedger>;
  input?: Read | undefined;
  committed?: Read | undefined;
  uncommitted?: Read | undefined;
}

/** Undefined when the producer's ledger is not in the journal. @throws Error when it contradicts itself */
export function readsOf(events: readonly JournalEvent[]): Reads | undefined {
  const produced = lastOf(events, 'data.produced');
  if (!produced) return undefined;
  const reads = eventsOf(events, 'data.read');
  const output = (isolation: Read['isolation']) =>
    reads.findLast((read) => read.of === 'output' && read.isolation === isolation);
  return {
    ledger: ledgerOf(produced.lanes),
    input: reads.findLast((read) => read.of === 'input'),
    committed: output('read_committed'),
    uncommitted: output('read_uncommitted'),
  };
}

/** Acknowledged records that the committed output lacks, by the transaction that holds them. */
export function missingPieces({ ledger, committed, uncommitted }: Reads): Piece[] {
  if (!committed?.complete) return [];
  const lanes = [...ledger.values()].sort((a, b) => a.lane - b.lane);
  return lanes.flatMap(({ lane, acknowledged }) => {
    let missing = subtract(acknowledged, seenIn(committed.lanes, lane));
    const pieces: Piece[] = [];
    // The newest producer first: it was the last to try.
    for (const held of newestFirst(uncommitted?.held ?? [])) {
      if (size(missing) === 0) break;
      const part = intersect(missing, seenIn(held.lanes, lane));
      pieces.push(...part.map((sequences) => ({ lane, sequences, held })));
      missing = subtract(missing, part);
    }
    return [...pieces, ...missing.map((sequences) => ({ lane, sequences }))];
  });
}

/** Records that the output holds more than once, in whatever view: what the job has processed again. */
export function replayedPieces({ committed, uncommitted }: Reads): Piece[] {
  if (!committed?.complete) return [];
  const lanes = [...new Set([...committed.lanes, ...(uncommitted?.lanes ?? [])].map(({ lane }) => lane))];
  return lanes
    .sort((a, b) => a - b)
    .flatMap((lane) => {
      const twice = [...committed.lanes, ...(uncommitted?.lanes ?? [])]
        .filter((seen) => seen.lane === lane)
        .flatMap(({ repeated }) => repeated.map(([from, to]): Range => [from, to]));
      return union(twice, []).map((sequences) => ({ lane, sequences }));
    });
}

const newestFirst = (held: readonly HeldRecords[]): HeldRecords[] =>
  held.toSorted((a, b) => b.producerId - a.producerId || b.producerEpoch - a.producerEpoch);
