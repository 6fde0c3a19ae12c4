import type { RecordView } from '../../client/kafka/records/record-batch.js';
import type { Place } from '../ids/sighting.js';
import type { Invariant } from './invariant.js';
import type { Scaled } from './scaled.js';
import { type Total, Zone } from './totals.js';

/** What a record of the sink says of its group. */
export interface Said extends Place {
  /** Without a value: the group was deleted. */
  gone: boolean;
  /** By invariant; undefined where it is not a number. */
  numbers: (Scaled | null | undefined)[];
}

/** One group, while both topics are read. */
export class Group {
  readonly totals: Total[];
  /** Committed source records that count; of these, those that were there before anything was looked at, or begun. */
  records = 0;
  before = 0;
  byBegun = 0;
  /** The last committed record of the sink, and the last one before the window. */
  last: Said | undefined;
  begun: Said | undefined;
  /** Why what is expected, or found, is not known. */
  unclear: string | undefined;

  constructor(invariants: readonly Invariant[]) {
    this.totals = invariants.map((it) => it.total());
  }

  source(record: RecordView, zone: Zone, invariants: readonly Invariant[]): void {
    this.records++;
    if (zone === Zone.before) this.before++;
    if (zone !== Zone.behind) this.byBegun++;
    if (record.valueStart < 0) this.#doubt(record, 'of the source has no value');
    for (let i = 0; i < invariants.length; i++) {
      const invariant = invariants[i] as Invariant;
      const number = invariant.source(record);
      if (number === undefined) this.#doubt(record, `of the source cannot be added: ${invariant.reason}`);
      else (this.totals[i] as Total).add(zone, number);
    }
  }

  /** Records of a partition may come out of their order, where one waited for its schema. */
  sink(record: RecordView, within: boolean, invariants: readonly Invariant[]): void {
    const { partition, offset, timestamp } = record;
    if (this.last && this.last.partition !== partition) {
      this.unclear ??= `it is in partitions ${this.last.partition} and ${partition} of the sink, so that its last record is not known`;
      return;
    }
    const newer = this.last === undefined || offset > this.last.offset;
    const newerBefore = !within && (this.begun === undefined || offset > this.begun.offset);
    if (!newer && !newerBefore) return;
    const gone = record.valueStart < 0;
    const said = { partition, offset, timestamp, gone, numbers: gone ? [] : invariants.map((it) => it.sink(record)) };
    if (newer) this.last = said;
    if (newerBefore) this.begun = said;
  }

  #doubt({ partition, offset }: RecordView, what: string): void {
    this.unclear ??= `the record at partition ${partition}, offset ${offset} ${what}`;
  }
}
