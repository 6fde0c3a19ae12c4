import { HIGHEST_LANE } from './data-tally.js';

/** Marks kept of a lane; when there are more, every other one goes. */
const MOST = 4096;
/** Milliseconds between two marks to begin with. */
const FINEST = 50;

interface Marks {
  sequences: number[];
  times: number[];
  apart: number;
  /** The next mark is not of a time before this. */
  next: number;
}

/**
 * When the sequences of a lane were produced, from the timestamps of its records. A few marks per lane are kept, so
 * the answer is an interval: of 50 ms where a lane has few records, of seconds over days.
 */
export class LaneTimes {
  readonly #lanes: (Marks | undefined)[] = [];

  /** Records come in the order of their lane; one that is not above all before it is passed over. */
  add(lane: number, sequence: number, time: number): void {
    if (this.wants(lane, time)) this.#mark(lane, sequence, time);
  }

  /** Whether a record of that time may become a mark: all others need not be added. */
  wants(lane: number, time: number): boolean {
    const marks = this.#lanes[lane];
    return marks === undefined || time >= marks.next;
  }

  #mark(lane: number, sequence: number, time: number): void {
    if (lane > HIGHEST_LANE) return;
    const marks = this.#lanes[lane] ?? this.#newLane(lane);
    const { sequences, times } = marks;
    if (times.length > 0 && sequence <= sequences.at(-1)!) return;
    sequences.push(sequence);
    times.push(time);
    if (times.length >= MOST) thin(marks);
    marks.next = marks.times.at(-1)! + marks.apart;
  }

  /**
   * Milliseconds since the epoch between which sequences `from` to `to` of a lane were produced; undefined when the
   * topic holds no record of the lane.
   */
  between(lane: number, from: number, to: number): { firstTime: number; lastTime: number } | undefined {
    const marks = this.#lanes[lane];
    if (!marks) return undefined;
    const { sequences, times, apart } = marks;
    const firstTime = times[Math.max(0, firstAbove(sequences, from) - 1)]!;
    // What came after the last mark came less than one step after it.
    const lastTime = times[firstAbove(sequences, to)] ?? times.at(-1)! + apart;
    return { firstTime, lastTime: Math.max(firstTime, lastTime) };
  }

  #newLane(lane: number): Marks {
    const marks: Marks = { sequences: [], times: [], apart: FINEST, next: Number.NEGATIVE_INFINITY };
    this.#lanes[lane] = marks;
    return marks;
  }
}

function thin(marks: Marks): void {
  marks.apart *= 2;
  marks.sequences = marks.sequences.filter((_, i) => i % 2 === 0);
  marks.times = marks.times.filter((_, i) => i % 2 === 0);
}

/** Index of the first number above `value`. */
function firstAbove(ascending: readonly number[], value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
