import type { Range } from '../../core/ranges.js';

/** By lane; undefined where the input lies in too many runs to keep their order. */
export type LaneOrders = ReadonlyMap<number, LaneOrder | undefined>;

/** What a prefix of a lane's records comes to, from the runs in which its sequences lie in their topic. */
export class LaneOrder {
  readonly #runs: { from: number; to: number; before: number; highest: number }[] = [];

  constructor(runs: readonly Range[]) {
    let before = 0;
    let highest = 0;
    for (const [from, to] of runs) {
      this.#runs.push({ from, to, before, highest });
      before += to - from + 1;
      highest = Math.max(highest, to);
    }
  }

  /** The highest of the first `count` sequences; undefined when there are not so many. */
  highestOfFirst(count: number): number | undefined {
    let [low, high] = [0, this.#runs.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#runs[middle]!.before < count) low = middle;
      else high = middle - 1;
    }
    const run = this.#runs[low];
    if (!run || count < 1 || count > run.before + run.to - run.from + 1) return undefined;
    return Math.max(run.highest, run.from + count - run.before - 1);
  }
}
