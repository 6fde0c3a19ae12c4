import { FlinchError } from '../../core/error.js';
import { ENTRY_WORDS, RARE_WORDS } from './budget.js';
import { RecordPages } from './record-pages.js';
import { type Place, Side, type Sighting } from './sighting.js';
import type { PlaceName } from './tallied.js';

/** Words of an entry. Its places: 0 at the source, 1 at the sink. */
const [SOURCE, SINK, UNCOMMITTED, ADDRESS, LENGTH, RARE] = [0, 1, 2, 3, 4, 5];
const ENTRY = { words: ENTRY_WORDS, partitions: 6, doubles: 4 };
const [AT_SOURCE, AT_SINK] = [0, 1];
/** What only some ids need. Its places: 0 the last repeat at the sink, 1 the first one seen uncommitted. */
const RARE_RECORD = { words: RARE_WORDS, partitions: 0, doubles: 2 };
const [LAST_REPEAT, FIRST_UNCOMMITTED] = [0, 1];
const [FILTERED, AROUND, EARLIER] = [2, 3, 12];

const HIGHEST_COUNT = 0xffffffff;

/** Counts and places of ids, one entry each; an entry is a number. Where the id's bytes are, it only keeps. */
export class IdEntries {
  readonly #entries: RecordPages;
  readonly #rare: RecordPages;

  /** @param perPage a power of two */
  constructor(perPage: number) {
    this.#entries = new RecordPages(ENTRY, perPage);
    this.#rare = new RecordPages(RARE_RECORD, perPage);
  }

  get count(): number {
    return this.#entries.count;
  }
  get bytes(): number {
    return this.#entries.pages * this.#entries.pageBytes + this.#rare.pages * this.#rare.pageBytes;
  }
  /** Bytes if there were one more entry and each had its rare record. */
  get bytesAtMost(): number {
    const pages = this.#entries.pages + (this.#entries.atEnd ? 1 : 0);
    return pages * (this.#entries.pageBytes + this.#rare.pageBytes);
  }

  add(address: number, length: number): number {
    const entry = this.#entries.add();
    this.#entries.set(entry, SOURCE, 0);
    this.#entries.set(entry, SINK, 0);
    this.#entries.set(entry, UNCOMMITTED, 0);
    this.#entries.set(entry, ADDRESS, address);
    this.#entries.set(entry, LENGTH, length);
    this.#entries.set(entry, RARE, 0);
    return entry;
  }

  address(entry: number): number {
    return this.#entries.get(entry, ADDRESS);
  }
  /** Bytes of the id. */
  length(entry: number): number {
    return this.#entries.get(entry, LENGTH);
  }
  source(entry: number): number {
    return this.#entries.get(entry, SOURCE);
  }
  sink(entry: number): number {
    return this.#entries.get(entry, SINK);
  }
  uncommitted(entry: number): number {
    return this.#entries.get(entry, UNCOMMITTED);
  }
  filtered(entry: number): number {
    return this.#rarely(entry, FILTERED);
  }
  around(entry: number): number {
    return this.#rarely(entry, AROUND);
  }
  earlier(entry: number): number {
    return this.#rarely(entry, EARLIER);
  }

  place(entry: number, name: PlaceName): Place | undefined {
    const rare = this.#entries.get(entry, RARE) - 1;
    switch (name) {
      case 'source':
        return this.source(entry) + this.filtered(entry) + this.around(entry) > 0
          ? this.#entries.place(entry, AT_SOURCE)
          : undefined;
      case 'sink':
        return this.sink(entry) > 0 ? this.#entries.place(entry, AT_SINK) : undefined;
      case 'repeat':
        return this.sink(entry) > 1 ? this.#rare.place(rare, LAST_REPEAT) : undefined;
      case 'uncommitted':
        return this.uncommitted(entry) > 0 ? this.#rare.place(rare, FIRST_UNCOMMITTED) : undefined;
    }
  }

  /** Counts a sighting of the entry's id. @throws FlinchError SPILL when a count runs over 32 bits. */
  see(entry: number, sighting: Sighting): void {
    const entries = this.#entries;
    switch (sighting.side) {
      case Side.source: {
        // The place of a record that the filter drops gives way to one of a record that passes.
        const before = bump(entries, entry, SOURCE);
        if (before === 0 || entries.order(sighting, entry, AT_SOURCE) < 0) entries.setPlace(entry, AT_SOURCE, sighting);
        return;
      }
      case Side.filtered: {
        const before = bump(this.#rare, this.#rareOf(entry), FILTERED);
        if (entries.get(entry, SOURCE) > 0 || this.around(entry) > 0) return;
        if (before === 0 || entries.order(sighting, entry, AT_SOURCE) < 0) entries.setPlace(entry, AT_SOURCE, sighting);
        return;
      }
      case Side.around: {
        const before = bump(this.#rare, this.#rareOf(entry), AROUND);
        if (entries.get(entry, SOURCE) > 0) return;
        if (before === 0 || entries.order(sighting, entry, AT_SOURCE) < 0) entries.setPlace(entry, AT_SOURCE, sighting);
        return;
      }
      case Side.earlier:
        bump(this.#rare, this.#rareOf(entry), EARLIER);
        return;
      case Side.sink: {
        const before = bump(entries, entry, SINK);
        if (before > 0) {
          const rare = this.#rareOf(entry);
          if (before === 1) this.#rare.setPlace(rare, LAST_REPEAT, entries.place(entry, AT_SINK));
          if (this.#rare.order(sighting, rare, LAST_REPEAT) > 0) this.#rare.setPlace(rare, LAST_REPEAT, sighting);
        }
        if (before === 0 || entries.order(sighting, entry, AT_SINK) < 0) entries.setPlace(entry, AT_SINK, sighting);
        return;
      }
      case Side.uncommitted: {
        const before = bump(entries, entry, UNCOMMITTED);
        const rare = this.#rareOf(entry);
        if (before > 0 && this.#rare.order(sighting, rare, FIRST_UNCOMMITTED) >= 0) return;
        this.#rare.setPlace(rare, FIRST_UNCOMMITTED, sighting);
      }
    }
  }

  /** Forgets every entry but keeps the memory. */
  clear(): void {
    this.#entries.clear();
    this.#rare.clear();
  }
  /** Gives back what is not used. */
  trim(): void {
    this.#entries.trim();
    this.#rare.trim();
  }

  #rarely(entry: number, count: number): number {
    const rare = this.#entries.get(entry, RARE);
    return rare === 0 ? 0 : this.#rare.get(rare - 1, count);
  }

  #rareOf(entry: number): number {
    const known = this.#entries.get(entry, RARE);
    if (known > 0) return known - 1;
    const rare = this.#rare.add();
    for (const count of [FILTERED, AROUND, EARLIER]) this.#rare.set(rare, count, 0);
    this.#entries.set(entry, RARE, rare + 1);
    return rare;
  }
}

/** Adds one to a count and returns what it was. */
function bump(records: RecordPages, record: number, word: number): number {
  const before = records.get(record, word);
  if (before === HIGHEST_COUNT) {
    throw new FlinchError('SPILL', { what: `one id was seen more than ${HIGHEST_COUNT} times on one side` });
  }
  records.set(record, word, before + 1);
  return before;
}
