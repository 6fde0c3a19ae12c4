/**
 * The order in which a lane's sequences lie in its partition, as runs of consecutive numbers. A gapless lane is one
 * run; a send that was lost, or written late, starts another.
 */
export class LaneOrder {
  readonly #runs: { from: number; to: number; before: number; highest: number }[] = [];

  add(sequence: number): void {
    const last = this.#runs.at(-1);
    if (last && sequence === last.to + 1) {
      last.to = sequence;
      return;
    }
    const before = last ? last.before + last.to - last.from + 1 : 0;
    const highest = last ? Math.max(last.highest, last.to) : 0;
    this.#runs.push({ from: sequence, to: sequence, before, highest });
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
