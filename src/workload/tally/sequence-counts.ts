import type { Times } from './times.js';

const PAGE_BITS = 16;
const PAGE = 1 << PAGE_BITS;
const FULL = 255;

/** Higher sequences are not counted: one stray number must not cost gigabytes. */
export const HIGHEST_SEQUENCE = 1_000_000_000;

/** How often each sequence of a lane was seen: one byte each, in pages; the rare higher counts beside them. */
export class SequenceCounts {
  readonly #pages: (Uint8Array | undefined)[] = [];
  readonly #more = new Map<number, number>();

  /** Counts one and returns how often the sequence was seen by now. 0 <= sequence <= HIGHEST_SEQUENCE. */
  add(sequence: number): number {
    const index = sequence >>> PAGE_BITS;
    const page = this.#pages[index] ?? this.#newPage(index);
    const before = page[sequence & (PAGE - 1)]!;
    if (before < FULL) {
      page[sequence & (PAGE - 1)] = before + 1;
      return before + 1;
    }
    const times = (this.#more.get(sequence) ?? FULL) + 1;
    this.#more.set(sequence, times);
    return times;
  }

  /** How often each sequence was seen, as runs of equal counts, ascending. */
  times(): Times[] {
    const runs: Times[] = [];
    this.#pages.forEach((page, index) => {
      if (!page) return;
      for (let i = 0; i < PAGE; i++) {
        const count = page[i]!;
        if (count === 0) continue;
        const sequence = index * PAGE + i;
        const times = this.#more.get(sequence) ?? count;
        const last = runs.at(-1);
        if (last && last[1] + 1 === sequence && last[2] === times) last[1] = sequence;
        else runs.push([sequence, sequence, times]);
      }
    });
    return runs;
  }

  #newPage(index: number): Uint8Array {
    const page = new Uint8Array(PAGE);
    this.#pages[index] = page;
    return page;
  }
}
