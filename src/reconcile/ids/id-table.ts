import { allocate } from './allocate.js';
import type { Shares } from './budget.js';
import { IdArena } from './id-arena.js';
import { IdEntries } from './id-entries.js';
import type { Place, Sighting } from './sighting.js';
import type { PlaceName, Tallied } from './tallied.js';

const MOST_SLOTS = 2 ** 28;

/**
 * Ids with how often and where they were seen on each side: open addressing with linear probing; no object per id.
 * A slot is a hash and a number of an entry; ids are told apart by all of their bytes, never by the hash alone.
 *
 * Once an id did not fit, no new one is taken until `clear`: an id is here with all its sightings or not at all. For the
 * budget each id counts as if it had a rare record, so that a full table still takes any repeat.
 */
export class IdTable {
  readonly #budget: number;
  readonly #entries: IdEntries;
  readonly #arena: IdArena;
  readonly #view: TableView;
  #slots: Int32Array;
  #mask: number;
  #full = false;
  #peak = 0;

  constructor({ table, entriesPerPage, arenaPage }: Pick<Shares, 'table' | 'entriesPerPage' | 'arenaPage'>) {
    this.#budget = table;
    this.#entries = new IdEntries(entriesPerPage);
    this.#arena = new IdArena(arenaPage);
    this.#view = new TableView(this.#entries, this.#arena);
    const slots = Math.max(16, Math.min(4096, arenaPage / 64));
    this.#slots = new Int32Array(allocate(slots * 8));
    this.#mask = slots - 1;
  }

  /** Ids held. */
  get count(): number {
    return this.#entries.count;
  }
  get bytesUsed(): number {
    return this.#slots.byteLength + this.#entries.bytes + this.#arena.bytes;
  }

  /** The most bytes that were held at once, old slots beside new ones included. */
  get peakBytes(): number {
    return Math.max(this.#peak, this.bytesUsed);
  }

  /** Counts a sighting; false when its id is not here and cannot be taken. @throws FlinchError SPILL */
  add(sighting: Sighting, hash: number): boolean {
    const slots = this.#slots;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = slots[2 * slot + 1]! - 1;
      if (entry < 0) break;
      if (slots[2 * slot] !== hash || !this.#isSame(entry, sighting)) continue;
      this.#entries.see(entry, sighting);
      return true;
    }
    const { words, at, count, length } = sighting;
    if (!this.#makeRoom(count)) return false;
    const entry = this.#entries.add(this.#arena.put(words, at, count), length);
    occupy(this.#slots, this.#mask, hash, entry + 1);
    this.#entries.see(entry, sighting);
    return true;
  }

  /** The id number `entry`, 0 <= entry < count. The same object each time. */
  read(entry: number): Tallied {
    return this.#view.move(entry);
  }

  /** Forgets every id but keeps the memory. */
  clear(): void {
    this.#peak = this.peakBytes;
    this.#entries.clear();
    this.#arena.clear();
    this.#slots.fill(0);
    this.#full = false;
  }

  #isSame(entry: number, { words, at, count, length }: Sighting): boolean {
    if (this.#entries.length(entry) !== length) return false;
    return this.#arena.equals(this.#entries.address(entry), words, at, count);
  }

  /** Makes sure that an id of `count` words fits; false, from now on, when the budget does not allow it. */
  #makeRoom(count: number): boolean {
    if (this.#full) return false;
    if (this.#charge(count) > this.#budget) {
      this.#peak = this.peakBytes;
      this.#entries.trim();
      this.#arena.trim();
      this.#full = this.#charge(count) > this.#budget;
      if (this.#full) return false;
    }
    if (this.#mustGrow()) this.#grow();
    return true;
  }

  /** Bytes that count for the budget once another id of `count` words is here. */
  #charge(count: number): number {
    const slots = this.#slots.byteLength;
    const grown = !this.#mustGrow() ? 0 : this.#mask + 1 < MOST_SLOTS ? 2 * slots : Number.POSITIVE_INFINITY;
    return slots + grown + this.#entries.bytesAtMost + this.#arena.bytes + this.#arena.needs(count);
  }

  /** At three quarters; probes get long beyond. */
  #mustGrow(): boolean {
    return (this.count + 1) * 4 > (this.#mask + 1) * 3;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(allocate(old.byteLength * 2));
    const mask = slots.length / 2 - 1;
    for (let i = 0; i < old.length; i += 2) if (old[i + 1] !== 0) occupy(slots, mask, old[i]!, old[i + 1]!);
    this.#peak = Math.max(this.#peak, this.bytesUsed + slots.byteLength);
    this.#slots = slots;
    this.#mask = mask;
  }
}

/** Takes the first free slot for an id that is not there yet. */
function occupy(slots: Int32Array, mask: number, hash: number, entry: number): void {
  let slot = hash & mask;
  while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
  slots[2 * slot] = hash;
  slots[2 * slot + 1] = entry;
}

/** A window on one entry. */
class TableView implements Tallied {
  source = 0;
  filtered = 0;
  around = 0;
  sink = 0;
  earlier = 0;
  uncommitted = 0;
  readonly #entries: IdEntries;
  readonly #arena: IdArena;
  #entry = 0;

  constructor(entries: IdEntries, arena: IdArena) {
    this.#entries = entries;
    this.#arena = arena;
  }
  move(entry: number): this {
    this.#entry = entry;
    this.source = this.#entries.source(entry);
    this.filtered = this.#entries.filtered(entry);
    this.around = this.#entries.around(entry);
    this.sink = this.#entries.sink(entry);
    this.earlier = this.#entries.earlier(entry);
    this.uncommitted = this.#entries.uncommitted(entry);
    return this;
  }
  id(): Buffer {
    return this.#arena.copy(this.#entries.address(this.#entry), this.#entries.length(this.#entry));
  }
  place(name: PlaceName): Place | undefined {
    return this.#entries.place(this.#entry, name);
  }
}
