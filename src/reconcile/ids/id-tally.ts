import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { FlinchError } from '../../core/error.js';
import { allocate } from './allocate.js';
import { type Shares, shareOut } from './budget.js';
import { type HashWords, halfSipHash } from './id-hash.js';
import { IdTable } from './id-table.js';
import { type Side, Sighting } from './sighting.js';
import { SpillDisk, type SpillFs } from './spill-disk.js';
import { type SpillFile, SpillReader } from './spill-file.js';
import { SpillSet, WriteBuffers } from './spill-set.js';
import type { Tallied } from './tallied.js';

export interface IdTallyOptions {
  /** Memory for ids and buffers, at least 16 KiB; what does not fit goes to disk. */
  budgetBytes: number;
  /** Directory for what does not fit; made, and then removed again, if it does not exist. Not one in memory (tmpfs). */
  scratch: string;
  signal?: AbortSignal | undefined;
  /** For tests: another hash, another file system. */
  hash?: HashWords;
  fs?: SpillFs;
}

/** What a tally took. */
export interface TallyCosts {
  /** The most memory held at once. */
  peakBytes: number;
  /** Sightings written to disk, those written again included. */
  rowsSpilled: number;
  bytesSpilled: number;
  /** Files that alone were too large for the budget and were spread over files again. */
  resplits: number;
}

/** Before each piece of this many bytes that is written, there must be room for it. */
const PIECE = 64 * 1024 * 1024;
/** Steps without giving other work a turn. */
const STRIDE = 16_384;

/**
 * The exact multiset of ids, within a memory budget. The table takes ids until the budget is reached; they stay and go
 * on being counted there. Sightings of all others go to files by hash. In the end each file is gone through like that
 * again, with another hash key; since a table always takes some id, this ends whatever the hashes are.
 */
export class IdTally {
  readonly #shares: Shares;
  readonly #budgetBytes: number;
  readonly #table: IdTable;
  readonly #disk: SpillDisk;
  readonly #buffers: WriteBuffers;
  readonly #hash: HashWords;
  readonly #keys = new Int32Array(new Uint8Array(randomBytes(8)).buffer);
  readonly #sighting = new Sighting();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#end(this.#signal?.reason);
  #level = 0;
  #spill: SpillSet | undefined;
  #readBytes = 0;
  #rowsSpilled = 0;
  #resplits = 0;
  #finishing = false;
  #ended = false;
  #reason: unknown;

  constructor({ budgetBytes, scratch, signal, hash, fs }: IdTallyOptions) {
    signal?.throwIfAborted();
    this.#budgetBytes = budgetBytes;
    this.#shares = shareOut(budgetBytes);
    this.#table = new IdTable(this.#shares);
    this.#buffers = new WriteBuffers(this.#shares.write);
    this.#hash = hash ?? halfSipHash;
    this.#disk = new SpillDisk(scratch, Math.min(budgetBytes, PIECE), fs);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Counts the record whose id is the bytes [start, end). Synchronous, disk writes included: these are the
   * backpressure. @throws FlinchError SPILL when the disk is full or the id is longer than `shareOut`
   * allows; the signal's reason. After an error nothing more can be added.
   */
  add(
    side: Side,
    buffer: Uint8Array,
    start: number,
    end: number,
    partition: number,
    offset: number,
    timestamp: number,
  ): void {
    this.#mustBeCounting();
    try {
      if (end - start > this.#shares.longestId) throw this.#tooLong(end - start, partition, offset);
      const sighting = this.#sighting;
      sighting.side = side;
      sighting.load(buffer, start, end);
      sighting.partition = partition;
      sighting.offset = offset;
      sighting.timestamp = timestamp;
      this.#count(sighting);
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  /**
   * Hands over each id once, in no particular order, through one object used again; then ends the tally.
   * @throws as `add` does; what `onTallied` throws.
   */
  async finish(onTallied: (tallied: Tallied) => void): Promise<void> {
    this.#mustBeCounting();
    this.#finishing = true;
    try {
      await this.#handOver(onTallied);
      const pending = this.#spill?.seal() ?? [];
      const reader = pending.length > 0 ? this.#openReader() : undefined;
      for (let file = pending.pop(); file && reader; file = pending.pop()) {
        pending.push(...(await this.#absorb(file, reader)));
        await this.#handOver(onTallied);
      }
    } finally {
      this.close();
    }
  }

  /** Gives the disk back; may be called at any time, and again. */
  close(): void {
    this.#end(over());
  }

  costs(): TallyCosts {
    return {
      peakBytes: this.#table.peakBytes + this.#buffers.bytes + this.#readBytes + this.#sighting.words.byteLength,
      rowsSpilled: this.#rowsSpilled,
      bytesSpilled: this.#disk.bytesWritten,
      resplits: this.#resplits,
    };
  }

  #mustBeCounting(): void {
    if (this.#ended) throw this.#reason;
    if (this.#finishing) throw over();
  }

  #count(sighting: Sighting): void {
    const { words, at, count, length } = sighting;
    // Another key for each level: what was alike at one is not at the next.
    const key = (this.#keys[1]! + Math.imul(this.#level, 0x9e3779b9)) | 0;
    const hash = this.#hash(words, at, count, length, this.#keys[0]!, key);
    if (this.#table.add(sighting, hash)) return;
    this.#spill ??= new SpillSet(this.#disk, this.#level + 1, this.#shares.files, this.#buffers);
    this.#spill.append(sighting, hash);
    this.#rowsSpilled++;
  }

  /** Counts what is in a file; returns the files with what did not fit. */
  async #absorb(file: SpillFile, reader: SpillReader): Promise<SpillFile[]> {
    this.#table.clear();
    this.#spill = undefined;
    this.#level = file.level;
    reader.open(file);
    const sighting = new Sighting();
    for (let n = 1; reader.next(sighting); n++) {
      this.#count(sighting);
      if (n % STRIDE === 0) await this.#breathe();
    }
    file.close();
    if (this.#table.count === 0) throw new FlinchError('INTERNAL', { what: 'an id does not fit into an empty table' });
    const rest = (this.#spill as SpillSet | undefined)?.seal() ?? [];
    if (rest.length > 0) this.#resplits++;
    return rest;
  }

  async #handOver(onTallied: (tallied: Tallied) => void): Promise<void> {
    await this.#breathe();
    for (let entry = 0; entry < this.#table.count; entry++) {
      onTallied(this.#table.read(entry));
      // The callback may have ended the tally, and with it the files.
      if (this.#ended) throw this.#reason;
      if (entry % STRIDE === STRIDE - 1) await this.#breathe();
    }
  }

  async #breathe(): Promise<void> {
    await setImmediate();
    if (this.#ended) throw this.#reason;
  }

  #openReader(): SpillReader {
    this.#readBytes = this.#shares.read;
    return new SpillReader(new Uint32Array(allocate(this.#shares.read)));
  }

  #tooLong(bytes: number, partition: number, offset: number): FlinchError {
    return new FlinchError('SPILL', {
      what: `an id of ${bytes} bytes; a memory budget of ${this.#budgetBytes} bytes allows ${this.#shares.longestId}`,
      on: `partition ${partition}, offset ${offset}`,
      todo: 'give more memory, or check that the id is what was meant',
    });
  }

  #end(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reason = reason;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#disk.end();
  }
}

const over = () => new FlinchError('INTERNAL', { what: 'ids were added to a tally that is over' });

/** @throws FlinchError USAGE for a budget below 16 KiB, SPILL when the scratch directory cannot be used. */
export const openIdTally = (options: IdTallyOptions): IdTally => new IdTally(options);
