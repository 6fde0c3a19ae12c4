import type { Range } from '../../core/ranges.js';
import { SequenceCounts } from './sequence-counts.js';
import { type Times, timesOf } from './times.js';

/** Runs kept before they are folded into a count per sequence: so far memory goes with disorder, not with records. */
const FOLD_AT = 65_536;

/**
 * The sequences of a lane in the order in which they lie in their topic, as runs of consecutive numbers. A gapless lane
 * is one run; a loss, a repeat or a late record starts another.
 */
export class LaneRuns {
  readonly #from: number[] = [];
  readonly #to: number[] = [];
  #first = 0;
  #last = -1;
  #highest = -1;
  #folded: SequenceCounts | undefined;

  /** True when the sequence is not above all before it: it is late, or was there already. */
  add(sequence: number): boolean {
    if (sequence === this.#last + 1 && this.#last >= this.#first) {
      this.#last = sequence;
      return sequence <= this.#highest;
    }
    return this.#start(sequence);
  }

  /** Whether the sequence follows the last one, and is above all before. */
  goesOn(sequence: number): boolean {
    return sequence === this.#last + 1 && this.#last >= this.#first && sequence > this.#highest;
  }

  /** Adds all up to a sequence where the lane goes on; how many they are. */
  extend(to: number): number {
    const more = to - this.#last;
    this.#last = to;
    return more;
  }

  #start(sequence: number): boolean {
    this.#close();
    this.#first = sequence;
    this.#last = sequence;
    return sequence <= this.#highest;
  }

  #close(): void {
    if (this.#last < this.#first) return;
    this.#from.push(this.#first);
    this.#to.push(this.#last);
    this.#highest = Math.max(this.#highest, this.#last);
    this.#last = this.#first - 1;
    if (this.#from.length >= FOLD_AT) this.#fold();
  }

  #fold(): void {
    this.#folded ??= new SequenceCounts();
    for (let i = 0; i < this.#from.length; i++)
      for (let at = this.#from[i]!; at <= this.#to[i]!; at++) this.#folded.add(at);
    this.#from.length = 0;
    this.#to.length = 0;
  }

  /** Every run with how often it counts, in no order. */
  times(): Times[] {
    const open: Times[] = this.#last >= this.#first ? [[this.#first, this.#last, 1]] : [];
    const closed = this.#from.map((from, i): Times => [from, this.#to[i]!, 1]);
    return [...open, ...closed, ...(this.#folded?.times() ?? [])];
  }

  /** The sequences seen, and those seen more than once with how often, both ascending. */
  ranges(): { seen: Range[]; repeated: Times[] } {
    return timesOf(this.times());
  }

  /** The runs in their order; undefined when there were too many to keep it. */
  inOrder(): Range[] | undefined {
    if (this.#folded) return undefined;
    const runs = this.#from.map((from, i): Range => [from, this.#to[i]!]);
    return this.#last >= this.#first ? [...runs, [this.#first, this.#last]] : runs;
  }
}
