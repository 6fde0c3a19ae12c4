import { between, type Extent } from '../core/extent.js';
import type { Place } from './ids/sighting.js';
import type { PlaceName, Tallied } from './ids/tallied.js';
import { Lowest } from './lowest.js';
import { type Multiplicity, multiplicityOf, type Relation } from './relation.js';

/**
 * - `lost`: at the source, and not, or not often enough, at the sink.
 * - `duplicated`: more often at the sink than its source records account for.
 * - `unexpected`: at the sink, never at the source.
 * - `shouldHaveBeenFiltered`: at the sink; at the source only in records that the filter drops.
 * - `uncommittedOnly`: records that only read_uncommitted shows. Not a problem by itself: aborted transactions.
 */
export const PROBLEMS = ['lost', 'duplicated', 'unexpected', 'shouldHaveBeenFiltered', 'uncommittedOnly'] as const;
export type MultisetProblem = (typeof PROBLEMS)[number];

export interface MultisetExample {
  problem: MultisetProblem;
  id: Buffer;
  source: number;
  filtered: number;
  sink: number;
  uncommitted: number;
  places: Partial<Record<PlaceName, Place>>;
}

/** What was read to its end. */
export interface Coverage {
  source: boolean;
  /** The committed sink, up to its last stable offset. */
  sink: boolean;
  /** The read_uncommitted view, up to the high watermark; absent when it was not read. */
  uncommitted?: boolean;
  /** Transactions are open in the sink, or may be: what only read_uncommitted shows may yet be committed. */
  openTransactions: boolean;
}

/** Counts of records by id. Extents hold for the topics as they were when their ends were looked up. */
export interface MultisetBalance {
  /** Seen. `sourceRecords` and `sourceIds` are without those that the filter drops. */
  sourceRecords: number;
  sourceIds: number;
  filteredRecords: number;
  sinkRecords: number;
  sinkIds: number;
  /** Sink records that are missing. */
  lost: Extent;
  /** Of the lost ones as seen, those that read_uncommitted shows: written, but in an aborted or open transaction. */
  lostYetUncommitted: number;
  /** Sink records too many, of ids that are at the source in records that pass the filter. */
  duplicated: Extent;
  /** Sink records of ids that are not at the source, `shouldHaveBeenFiltered` among them. */
  unexpected: Extent;
  shouldHaveBeenFiltered: Extent;
  /** Absent when read_uncommitted was not read. */
  uncommittedOnly?: Extent;
  /** The first of each problem by lowest place: of lost ones at the source, else at the sink. */
  examples: MultisetExample[];
}

/** By whose place the examples of a problem are sorted. */
const SORTED_BY: Readonly<Record<MultisetProblem, PlaceName>> = {
  lost: 'source',
  duplicated: 'sink',
  unexpected: 'sink',
  shouldHaveBeenFiltered: 'sink',
  uncommittedOnly: 'uncommitted',
};

/** Weighs ids, one by one and in any order, against a declared relation. Pure. */
export class MultisetCounter {
  readonly #each: Multiplicity;
  readonly #examples: Readonly<Record<MultisetProblem, Lowest<MultisetExample>>>;
  readonly #n = {
    sourceRecords: 0,
    sourceIds: 0,
    filteredRecords: 0,
    sinkRecords: 0,
    sinkIds: 0,
    lost: 0,
    lostAtMost: 0,
    lostYetUncommitted: 0,
    duplicated: 0,
    duplicatedAtMost: 0,
    duplicatedUnread: 0,
    unexpected: 0,
    shouldHaveBeenFiltered: 0,
    uncommitted: 0,
  };

  /** @param examples kept of each problem. @throws FlinchError USAGE when the relation makes no sense. */
  constructor(relation: Relation, examples: number) {
    this.#each = multiplicityOf(relation);
    const lowest = () => new Lowest<MultisetExample>(examples);
    this.#examples = {
      lost: lowest(),
      duplicated: lowest(),
      unexpected: lowest(),
      shouldHaveBeenFiltered: lowest(),
      uncommittedOnly: lowest(),
    };
  }

  /** @param ids that have these numbers; more than one only where no place is known, so that none becomes an example */
  add(tallied: Tallied, ids = 1): void {
    const { source, filtered, around, sink, uncommitted } = tallied;
    const n = this.#n;
    n.sourceRecords += source * ids;
    n.filteredRecords += filtered * ids;
    n.sinkRecords += sink * ids;
    n.uncommitted += uncommitted * ids;
    if (source > 0) n.sourceIds += ids;
    if (sink > 0) n.sinkIds += ids;
    const { least, most } = this.#each;
    const missing = source * least - sink;
    // What records around the window may have brought does not count for those within.
    const others = around === 0 ? 0 : Math.min(sink, around * most);
    const missingAtMost = Math.max(0, source * least - (sink - others));
    n.lostAtMost += missingAtMost * ids;
    if (missing > 0) {
      n.lost += missing * ids;
      n.lostYetUncommitted += Math.min(missing, uncommitted) * ids;
    }
    if (missingAtMost > 0) this.#keep('lost', tallied);
    if (uncommitted > 0) this.#keep('uncommittedOnly', tallied);
    if (sink === 0) return;
    if (source + around > 0) {
      this.#addExtras(tallied, most, ids);
      return;
    }
    n.unexpected += sink * ids;
    // Were one source record of it merely not read, all beyond what that gives would be duplicates.
    n.duplicatedUnread += Math.max(0, sink - most) * ids;
    if (filtered > 0) n.shouldHaveBeenFiltered += sink * ids;
    this.#keep(filtered > 0 ? 'shouldHaveBeenFiltered' : 'unexpected', tallied);
  }

  /** What came out too often, of an id that is at the source. */
  #addExtras(tallied: Tallied, most: number, ids: number): void {
    const { source, around, sink, earlier } = tallied;
    const certain = Math.max(0, sink - (source + around) * most);
    // Records around the window need not have come out in it: before it, or not yet.
    const due = source > 0 ? sink - source * most : sink + earlier - around * most;
    const possible = around === 0 ? certain : Math.max(certain, Math.min(sink, due));
    this.#n.duplicated += certain * ids;
    this.#n.duplicatedAtMost += possible * ids;
    if (possible > 0) this.#keep('duplicated', tallied);
  }

  balance({ source, sink, uncommitted, openTransactions }: Coverage): MultisetBalance {
    const n = this.#n;
    const allSink = sink && !openTransactions;
    /** More sink records only raise it; source records not read could explain it all. */
    const found = (count: number, atMost: number): Extent => between(source ? count : 0, allSink ? atMost : null);
    return {
      sourceRecords: n.sourceRecords,
      sourceIds: n.sourceIds,
      filteredRecords: n.filteredRecords,
      sinkRecords: n.sinkRecords,
      sinkIds: n.sinkIds,
      lost: between(this.#certainlyLost(sink, uncommitted === true, openTransactions), source ? n.lostAtMost : null),
      lostYetUncommitted: n.lostYetUncommitted,
      duplicated: found(n.duplicated, n.duplicatedAtMost + (source ? 0 : n.duplicatedUnread)),
      unexpected: found(n.unexpected, n.unexpected),
      // Any id at the sink alone may be in source records that were not read, and that the filter drops.
      shouldHaveBeenFiltered: found(n.shouldHaveBeenFiltered, source ? n.shouldHaveBeenFiltered : n.unexpected),
      ...(uncommitted === undefined
        ? {}
        : { uncommittedOnly: between(n.uncommitted, uncommitted ? n.uncommitted : null) }),
      examples: PROBLEMS.flatMap((problem) => this.#examples[problem].items()),
    };
  }

  #certainlyLost(sink: boolean, uncommitted: boolean, openTransactions: boolean): number {
    if (!sink) return 0;
    if (!openTransactions) return this.#n.lost;
    return uncommitted ? this.#n.lost - this.#n.lostYetUncommitted : 0;
  }

  #keep(problem: MultisetProblem, tallied: Tallied): void {
    const place = tallied.place(SORTED_BY[problem]);
    if (place) this.#examples[problem].offer(place, () => exampleOf(problem, tallied));
  }
}

function exampleOf(problem: MultisetProblem, tallied: Tallied): MultisetExample {
  const { source, filtered, sink, uncommitted } = tallied;
  const places: MultisetExample['places'] = {};
  for (const name of ['source', 'sink', 'repeat', 'uncommitted'] as const) {
    const place = tallied.place(name);
    if (place) places[name] = place;
  }
  return { problem, id: tallied.id(), source, filtered, sink, uncommitted, places };
}
