import { allocate } from './allocate.js';

/** Addresses count words and stay within 31 bits. */
const HIGHEST_ADDRESS = 2 ** 31;

/** The bytes of many ids, one behind the other, in pages that are never moved. An address is page and word in one. */
export class IdArena {
  /** Bytes held, spare pages included. */
  bytes = 0;
  readonly #pageWords: number;
  readonly #bits: number;
  readonly #mask: number;
  #pages: Uint32Array[] = [];
  #spare: Uint32Array[] = [];
  #current = 0;
  /** The next free word of the current page. */
  #at: number;

  /** @param pageBytes a power of two */
  constructor(pageBytes: number) {
    this.#pageWords = pageBytes / 4;
    this.#bits = Math.log2(this.#pageWords);
    this.#mask = this.#pageWords - 1;
    this.#at = this.#pageWords;
  }

  /** Bytes that would have to be allocated for an id of `count` words; infinite when addresses have run out. */
  needs(count: number): number {
    if (this.#fits(count)) return 0;
    if ((this.#pages.length + 1) * this.#pageWords > HIGHEST_ADDRESS) return Number.POSITIVE_INFINITY;
    if (this.#isLong(count)) return count * 4;
    return this.#spare.length > 0 ? 0 : this.#pageWords * 4;
  }

  /** Copies an id in and returns its address. */
  put(words: Uint32Array, at: number, count: number): number {
    if (!this.#fits(count)) {
      if (this.#isLong(count)) {
        const page = this.#open(count);
        for (let i = 0; i < count; i++) page[i] = words[at + i]!;
        return (this.#pages.length - 1) * this.#pageWords;
      }
      this.#open(this.#pageWords);
      this.#current = this.#pages.length - 1;
      this.#at = 0;
    }
    const page = this.#pages[this.#current]!;
    const start = this.#at;
    for (let i = 0; i < count; i++) page[start + i] = words[at + i]!;
    this.#at = start + count;
    // An empty id behind the last word of a page would have the address of the next page.
    return count === 0 ? 0 : this.#current * this.#pageWords + start;
  }

  equals(address: number, words: Uint32Array, at: number, count: number): boolean {
    const page = this.#pages[address >>> this.#bits]!;
    const start = address & this.#mask;
    for (let i = 0; i < count; i++) if (page[start + i] !== words[at + i]) return false;
    return true;
  }

  /** The id's bytes, as a copy. */
  copy(address: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const page = this.#pages[address >>> this.#bits]!;
    const start = address & this.#mask;
    for (let i = 0; i < length; i++) bytes[i] = page[start + (i >>> 2)]! >>> ((i & 3) * 8);
    return bytes;
  }

  /** Forgets every id but keeps the pages. */
  clear(): void {
    const whole = this.#pages.filter((page) => page.length === this.#pageWords);
    this.#spare.push(...whole);
    this.bytes = this.#spare.length * this.#pageWords * 4;
    this.#pages = [];
    this.#at = this.#pageWords;
  }

  /** Gives the spare pages back. */
  trim(): void {
    this.bytes -= this.#spare.length * this.#pageWords * 4;
    this.#spare = [];
  }

  #fits(count: number): boolean {
    return this.#at + count <= this.#pageWords;
  }
  /** Long ids get a page of their own: no page is left with more than a quarter unused. */
  #isLong(count: number): boolean {
    return count > this.#pageWords / 4;
  }
  #open(words: number): Uint32Array {
    const spare = words === this.#pageWords ? this.#spare.pop() : undefined;
    const page = spare ?? new Uint32Array(allocate(words * 4));
    if (!spare) this.bytes += words * 4;
    this.#pages.push(page);
    return page;
  }
}
