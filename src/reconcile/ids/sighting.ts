import { FlinchError } from '../../core/error.js';

/** Where a record was seen. Numbers, since they are counted by the million. */
export const Side = {
  /** At the source, and expected at the sink. */
  source: 0,
  /** At the source, but the declared filter keeps it from the sink. */
  filtered: 1,
  /** At the sink, as a read_committed reader sees it. */
  sink: 2,
  /** At the sink, but only at read_uncommitted: its transaction was aborted or is open. */
  uncommitted: 3,
  /** At the source, and expected, but outside of the window: it may be at the sink, and need not. */
  around: 4,
  /** At the sink, as a read_committed reader sees it, before the window. */
  earlier: 5,
} as const;
export type Side = (typeof Side)[keyof typeof Side];

/** One record's place in its topic. `timestamp`: milliseconds since the epoch. */
export interface Place {
  partition: number;
  offset: number;
  timestamp: number;
}

/**
 * One record: its id, its side and its place. The id lies in `words` as little-endian 32-bit words from `at`, the last
 * one filled up with zeros, so that hashing, comparing and copying go by words. Used again for each record.
 */
export class Sighting implements Place {
  side: Side = Side.source;
  words: Uint32Array = new Uint32Array(16);
  at = 0;
  /** Bytes of the id. */
  length = 0;
  partition = 0;
  offset = 0;
  timestamp = 0;
  /** What ids were taken from last: many come from one buffer, and reading by words needs a view on it. */
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Words of the id. */
  get count(): number {
    return (this.length + 3) >>> 2;
  }

  /**
   * Takes over the bytes [start, end) as the id. Only for a sighting whose `words` are its own.
   * @throws FlinchError INTERNAL when these are not bytes of the buffer, as with a null key.
   */
  load(bytes: Uint8Array, start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new FlinchError('INTERNAL', { what: `no id: bytes ${start} to ${end} of ${bytes.length}` });
    }
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.length = end - start;
    const count = (this.length + 3) >>> 2;
    if (count > this.words.length) this.words = new Uint32Array(count);
    const { words } = this;
    const view = this.#view;
    const whole = this.length >>> 2;
    for (let i = 0; i < whole; i++) words[i] = view.getInt32(start + 4 * i, true);
    if (whole === count) return;
    let last = 0;
    for (let i = start + 4 * whole; i < end; i++) last |= bytes[i]! << (8 * (i - start - 4 * whole));
    words[whole] = last;
  }
}
