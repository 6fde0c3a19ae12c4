import type { Place } from './ids/sighting.js';

/** Keeps the few items with the lowest places, whatever the order they come in. */
export class Lowest<T> {
  readonly #limit: number;
  readonly #kept: { place: Place; item: T }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** `make` is only called for an item that is kept for now. */
  offer(place: Place, make: () => T): void {
    const kept = this.#kept;
    const last = kept.at(-1);
    if (kept.length === this.#limit && (!last || order(place, last.place) >= 0)) return;
    let at = kept.length;
    while (at > 0 && order(place, kept[at - 1]!.place) < 0) at--;
    kept.splice(at, 0, { place, item: make() });
    if (kept.length > this.#limit) kept.pop();
  }

  /** Ascending by partition, then by offset. */
  items(): T[] {
    return this.#kept.map(({ item }) => item);
  }
}

const order = (a: Place, b: Place): number => a.partition - b.partition || a.offset - b.offset;
