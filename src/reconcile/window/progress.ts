/** A record of the source that has not been seen at the sink yet. */
interface Pending {
  id: string;
  partition: number;
  offset: number;
  /** Its number among the records of its partition. */
  number: number;
  seen: boolean;
  /** Another one with the same id, behind it. */
  next?: Pending | undefined;
  /** Of the first one with an id: the last one. */
  last?: Pending | undefined;
}

interface Lane {
  /** Records so far, and the number of the furthest one that came out. */
  count: number;
  furthest: number;
  /** Its offset, -1 for none. */
  offset: number;
  /** Everything below was handed over. */
  position: number;
  /** In the order of their offsets, from `head` on. */
  queue: Pending[];
  head: number;
  /** Below this offset records were forgotten that had not come out. */
  forgotten: number;
}

/** Looks for which a record of the sink waits for its source record, which is looked at by somebody else. */
const PATIENCE = 25;
/** Records of the sink that wait. */
const EARLY = 100_000;

/**
 * How far a job has come, by what comes out: for each partition of the source the furthest record whose id is in the
 * committed sink. A sign of progress, not the count that decides. Exact within a number of records that are on their
 * way at once; of more the oldest are forgotten.
 */
export class Progress {
  readonly #limit: number;
  readonly #lanes = new Map<number, Lane>();
  readonly #pending = new Map<string, Pending>();
  /** Of the sink without a source record so far: at which look. */
  readonly #early = new Map<string, number>();
  #looks = 0;

  /** @param limit records on their way of one partition */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A record that is due, in the order of its partition. */
  source(id: string, partition: number, offset: number): void {
    const lane = this.#lane(partition);
    const pending: Pending = { id, partition, offset, number: ++lane.count, seen: false };
    if (this.#early.delete(id)) {
      this.#came(pending);
      return;
    }
    lane.queue.push(pending);
    const first = this.#pending.get(id);
    if (first) {
      (first.last ?? first).next = pending;
      first.last = pending;
    } else this.#pending.set(id, pending);
    if (lane.queue.length - lane.head > this.#limit) this.#forget(lane);
  }

  /** A committed record. */
  sink(id: string): void {
    const pending = this.#pending.get(id);
    if (pending) {
      this.#settle(pending);
      this.#came(pending);
    } else if (this.#early.size < EARLY) this.#early.set(id, this.#looks);
  }

  /** Everything of the source below this offset was handed over. */
  reached(partition: number, position: number): void {
    const lane = this.#lane(partition);
    lane.position = Math.max(lane.position, position);
  }

  /** A look at the sink has ended. */
  looked(): void {
    this.#looks++;
    for (const [id, look] of this.#early) {
      if (look + PATIENCE >= this.#looks) break;
      this.#early.delete(id);
    }
  }

  /** Records behind the furthest one of each partition that came out. */
  get lag(): number {
    let lag = 0;
    for (const { count, furthest } of this.#lanes.values()) lag += count - furthest;
    return lag;
  }

  /** Whether the job has read beyond an offset: one at or behind it came out, or none below it is left. */
  hasPassed(partition: number, offset: number): boolean {
    const lane = this.#lanes.get(partition);
    if (!lane || lane.position < offset) return false;
    if (lane.offset >= offset) return true;
    if (lane.forgotten > lane.offset) return false;
    return !lane.queue.some((it, i) => i >= lane.head && !it.seen && it.offset > lane.offset && it.offset < offset);
  }

  /** Offsets between the furthest record of a partition that came out and this one. */
  distance(partition: number, offset: number): number {
    return Math.max(0, offset - 1 - (this.#lanes.get(partition)?.offset ?? -1));
  }

  /** Whether a record at or behind an offset came out. */
  cameFromBehind(partition: number, offset: number): boolean {
    return (this.#lanes.get(partition)?.offset ?? -1) >= offset;
  }

  /** Records below an offset that have not come out, as far as they are remembered. */
  missing(partition: number, offset: number): number {
    const lane = this.#lanes.get(partition);
    if (!lane) return 0;
    let missing = 0;
    for (let i = lane.head; i < lane.queue.length; i++) {
      const it = lane.queue[i] as Pending;
      if (it.offset >= offset) break;
      if (!it.seen) missing++;
    }
    return missing;
  }

  #lane(partition: number): Lane {
    const known = this.#lanes.get(partition);
    if (known) return known;
    const lane = { count: 0, furthest: 0, offset: -1, position: 0, queue: [], head: 0, forgotten: -1 };
    this.#lanes.set(partition, lane);
    return lane;
  }

  #came(pending: Pending): void {
    const lane = this.#lane(pending.partition);
    pending.seen = true;
    if (pending.offset > lane.offset) {
      lane.offset = pending.offset;
      lane.furthest = pending.number;
    }
    while (lane.queue[lane.head]?.seen) lane.head++;
    this.#compact(lane);
  }

  #forget(lane: Lane): void {
    const oldest = lane.queue[lane.head++] as Pending;
    if (!oldest.seen) {
      lane.forgotten = oldest.offset;
      this.#settle(oldest);
    }
    this.#compact(lane);
  }

  /** No longer waits for this one. */
  #settle(pending: Pending): void {
    const first = this.#pending.get(pending.id);
    if (first !== pending) {
      let before = first;
      while (before && before.next !== pending) before = before.next;
      if (!before || !first) return;
      before.next = pending.next;
      if (first.last === pending) first.last = before;
    } else if (pending.next) {
      pending.next.last = pending.last;
      this.#pending.set(pending.id, pending.next);
    } else this.#pending.delete(pending.id);
  }

  #compact(lane: Lane): void {
    if (lane.head < 4096 || lane.head * 2 < lane.queue.length) return;
    lane.queue = lane.queue.slice(lane.head);
    lane.head = 0;
  }
}
