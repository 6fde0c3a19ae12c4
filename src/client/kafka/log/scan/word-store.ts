/** Room to begin with. */
const WORDS = 64 * 1024;

/** Words one behind the other, in memory that grows. */
export class WordStore {
  #words: Int32Array<ArrayBuffer>;
  length = 0;

  /** @param spare memory to begin with: fresh memory costs as much as what is written to it */
  constructor(spare?: ArrayBuffer) {
    this.#words = spare ? new Int32Array(spare) : new Int32Array(WORDS);
  }

  push(words: Int32Array): void {
    const length = this.length + words.length;
    if (length > this.#words.length) {
      const larger = new Int32Array(Math.max(length, 2 * this.#words.length));
      larger.set(this.#words.subarray(0, this.length));
      this.#words = larger;
    }
    this.#words.set(words, this.length);
    this.length = length;
  }

  /** The memory, for good: there may be room behind the last word. */
  take(): ArrayBuffer {
    return this.#words.buffer;
  }
}
