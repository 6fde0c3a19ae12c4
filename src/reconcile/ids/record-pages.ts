import { allocate } from './allocate.js';
import type { Place } from './sighting.js';

/** Where the parts of a record lie: partitions of its places in words, offsets and timestamps as pairs of doubles. */
export interface RecordLayout {
  /** 32-bit words of a record; even. */
  words: number;
  /** Word of the first place's partition; that of place k is k further. */
  partitions: number;
  /** Double of the first place's offset, its timestamp behind it; those of place k are 2k further. */
  doubles: number;
}

/** Records of one layout in pages of typed arrays; a record is a number. A new record holds anything. */
export class RecordPages {
  count = 0;
  readonly pageBytes: number;
  readonly #layout: RecordLayout;
  readonly #bits: number;
  readonly #mask: number;
  readonly #words: Uint32Array[] = [];
  readonly #doubles: Float64Array[] = [];

  /** @param perPage a power of two */
  constructor(layout: RecordLayout, perPage: number) {
    this.#layout = layout;
    this.#bits = Math.log2(perPage);
    this.#mask = perPage - 1;
    this.pageBytes = perPage * layout.words * 4;
  }

  /** Pages held, spare ones included. */
  get pages(): number {
    return this.#words.length;
  }
  /** Whether the next record needs another page. */
  get atEnd(): boolean {
    return this.count >>> this.#bits === this.#words.length;
  }

  add(): number {
    if (this.atEnd) {
      const page = allocate(this.pageBytes);
      this.#words.push(new Uint32Array(page));
      this.#doubles.push(new Float64Array(page));
    }
    return this.count++;
  }

  get(record: number, word: number): number {
    return this.#words[record >>> this.#bits]![(record & this.#mask) * this.#layout.words + word]!;
  }
  set(record: number, word: number, value: number): void {
    this.#words[record >>> this.#bits]![(record & this.#mask) * this.#layout.words + word] = value;
  }

  place(record: number, k: number): Place {
    const doubles = this.#doubles[record >>> this.#bits]!;
    const at = this.#doubleAt(record, k);
    const partition = this.get(record, this.#layout.partitions + k);
    return { partition, offset: doubles[at]!, timestamp: doubles[at + 1]! };
  }
  setPlace(record: number, k: number, { partition, offset, timestamp }: Place): void {
    this.set(record, this.#layout.partitions + k, partition);
    const doubles = this.#doubles[record >>> this.#bits]!;
    const at = this.#doubleAt(record, k);
    doubles[at] = offset;
    doubles[at + 1] = timestamp;
  }

  /**
   * Negative, 0 or positive as `place` comes before, is, or comes after place k of the record: by time, since
   * partitions have no other order between them; then by partition and offset, so that arrival never matters.
   */
  order(place: Place, record: number, k: number): number {
    const doubles = this.#doubles[record >>> this.#bits]!;
    const at = this.#doubleAt(record, k);
    return (
      place.timestamp - doubles[at + 1]! ||
      place.partition - this.get(record, this.#layout.partitions + k) ||
      place.offset - doubles[at]!
    );
  }

  /** Forgets every record but keeps the pages. */
  clear(): void {
    this.count = 0;
  }
  /** Gives the spare pages back. */
  trim(): void {
    const used = Math.ceil(this.count / (this.#mask + 1));
    this.#words.length = used;
    this.#doubles.length = used;
  }

  #doubleAt(record: number, k: number): number {
    return (record & this.#mask) * (this.#layout.words / 2) + this.#layout.doubles + 2 * k;
  }
}
