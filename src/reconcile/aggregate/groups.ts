import { randomBytes } from 'node:crypto';
import type { Identity } from '../identity/extractor.js';
import { halfSipHash } from '../ids/id-hash.js';
import { Sighting } from '../ids/sighting.js';
import { Group } from './group.js';
import type { Invariant } from './invariant.js';

/** The groups whose hash ends in these bits. */
export interface Shard {
  bits: number;
  value: number;
}

/** Bytes of a group, and of each of its invariants; measured, and rounded up. */
const GROUP_BYTES = 512;
const INVARIANT_BYTES = 512;
/** A hash has no more. */
const MOST_BITS = 31;

/**
 * Groups within a memory budget, exactly: where they are too many, half of them, by hash, is left for another pass over
 * the topics, and again half of that.
 */
export class Groups {
  readonly #budget: number;
  readonly #invariants: readonly Invariant[];
  readonly #key = randomBytes(8);
  readonly #sighting = new Sighting();
  #left: Shard[] = [{ bits: 0, value: 0 }];
  #shard: Shard = { bits: 0, value: 0 };
  #groups = new Map<string, Group>();
  #bytes = 0;

  /** @param budget bytes */
  constructor(budget: number, invariants: readonly Invariant[]) {
    this.#budget = budget;
    this.#invariants = invariants;
  }

  /** Begins the next pass. @returns false when every group was had. */
  next(): boolean {
    const shard = this.#left.pop();
    this.#groups = new Map();
    this.#bytes = 0;
    if (shard) this.#shard = shard;
    return shard !== undefined;
  }

  /** The group of that identity, made if need be; undefined when it is not for this pass. */
  of({ bytes, start, end }: Identity): Group | undefined {
    const id = bytes.toString('latin1', start, end);
    const known = this.#groups.get(id);
    if (known) return known;
    if (!this.#isOurs(bytes, start, end)) return undefined;
    const group = new Group(this.#invariants);
    this.#groups.set(id, group);
    this.#bytes += this.#costs(id);
    while (this.#bytes > this.#budget && this.#groups.size > 1 && this.#shard.bits < MOST_BITS) this.#halve();
    return this.#groups.get(id);
  }

  /** The groups of this pass, each with the bytes of its identity as latin1. */
  entries(): IterableIterator<[string, Group]> {
    return this.#groups.entries();
  }

  #costs(id: string): number {
    return GROUP_BYTES + id.length + this.#invariants.length * INVARIANT_BYTES;
  }

  #isOurs(bytes: Buffer, start: number, end: number): boolean {
    const { bits, value } = this.#shard;
    if (bits === 0) return true;
    const sighting = this.#sighting;
    sighting.load(bytes, start, end);
    const { words, at, count, length } = sighting;
    const hash = halfSipHash(words, at, count, length, this.#key.readInt32LE(0), this.#key.readInt32LE(4));
    return (hash & (2 ** bits - 1)) === value;
  }

  #halve(): void {
    const { bits, value } = this.#shard;
    this.#shard = { bits: bits + 1, value };
    this.#left.push({ bits: bits + 1, value: value + 2 ** bits });
    for (const id of this.#groups.keys()) {
      const bytes = Buffer.from(id, 'latin1');
      if (this.#isOurs(bytes, 0, bytes.length)) continue;
      this.#groups.delete(id);
      this.#bytes -= this.#costs(id);
    }
  }
}
