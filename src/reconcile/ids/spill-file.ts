import { FlinchError } from '../../core/error.js';
import type { Side, Sighting } from './sighting.js';
import type { SpillDisk } from './spill-disk.js';

/** Words of a row before its id: length and side, partition, offset, timestamp. Rows are read back by this process. */
const HEAD = 6;
const doubles = new Float64Array(2);
const halves = new Uint32Array(doubles.buffer);

const bytesOf = (words: Uint32Array, from: number, to: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset + from * 4, (to - from) * 4);

/** Sightings on disk, in rows of whole words. First written through a buffer that it borrows, then read once. */
export class SpillFile {
  rows = 0;
  /** Words on disk. */
  words = 0;
  /** How often what is in here was spread over files. */
  readonly level: number;
  readonly #disk: SpillDisk;
  readonly #buffer: Uint32Array;
  #file: number | undefined;
  #at = 0;

  constructor(disk: SpillDisk, level: number, buffer: Uint32Array) {
    this.#disk = disk;
    this.level = level;
    this.#buffer = buffer;
  }

  append({ side, words, at, count, length, partition, offset, timestamp }: Sighting): void {
    this.rows++;
    if (this.#at + HEAD + count > this.#buffer.length) this.flush();
    const buffer = this.#buffer;
    doubles[0] = offset;
    doubles[1] = timestamp;
    buffer[this.#at] = length * 8 + side;
    buffer[this.#at + 1] = partition;
    for (let i = 0; i < 4; i++) buffer[this.#at + 2 + i] = halves[i]!;
    this.#at += HEAD;
    if (this.#at + count > buffer.length) {
      this.flush();
      this.#write(words, at, at + count);
      return;
    }
    for (let i = 0; i < count; i++) buffer[this.#at + i] = words[at + i]!;
    this.#at += count;
  }

  /** Writes what is in the buffer, which others may use from now on. */
  flush(): void {
    this.#write(this.#buffer, 0, this.#at);
    this.#at = 0;
  }

  read(into: Uint32Array, from: number, to: number, position: number): void {
    this.#file ??= this.#disk.open();
    this.#disk.read(this.#file, bytesOf(into, from, to), position * 4);
  }

  close(): void {
    if (this.#file !== undefined) this.#disk.close(this.#file);
    this.#file = undefined;
  }

  #write(words: Uint32Array, from: number, to: number): void {
    if (from === to) return;
    this.#file ??= this.#disk.open();
    this.#disk.write(this.#file, bytesOf(words, from, to));
    this.words += to - from;
  }
}

/** Reads the rows of one file after the other through one buffer, which any row must fit into. */
export class SpillReader {
  readonly #buffer: Uint32Array;
  #file: SpillFile | undefined;
  /** Words of the file that were read, and rows of it that are left. */
  #position = 0;
  #left = 0;
  /** What is in the buffer and not handed over. */
  #at = 0;
  #end = 0;

  constructor(buffer: Uint32Array) {
    this.#buffer = buffer;
  }

  open(file: SpillFile): void {
    this.#file = file;
    this.#left = file.rows;
    this.#position = 0;
    this.#at = 0;
    this.#end = 0;
  }

  /** The next row; its words lie in the buffer until the next call. False behind the last one. @throws FlinchError SPILL */
  next(into: Sighting): boolean {
    if (this.#left === 0) {
      if (this.#at === this.#end && this.#position === this.#file?.words) return false;
      throw new FlinchError('INTERNAL', { what: 'a scratch file has more than its rows' });
    }
    if (this.#end - this.#at < HEAD) this.#fill();
    let words = HEAD + rowIdWords(this.#buffer[this.#at]!);
    if (this.#end - this.#at < words) {
      this.#fill();
      words = HEAD + rowIdWords(this.#buffer[this.#at]!);
    }
    if (this.#end - this.#at < words) throw new FlinchError('INTERNAL', { what: 'a scratch file has a broken row' });
    const buffer = this.#buffer;
    const at = this.#at;
    into.side = (buffer[at]! & 7) as Side;
    into.length = buffer[at]! >>> 3;
    into.partition = buffer[at + 1]!;
    for (let i = 0; i < 4; i++) halves[i] = buffer[at + 2 + i]!;
    into.offset = doubles[0]!;
    into.timestamp = doubles[1]!;
    into.words = buffer;
    into.at = at + HEAD;
    this.#at += words;
    this.#left--;
    return true;
  }

  #fill(): void {
    const kept = this.#end - this.#at;
    this.#buffer.copyWithin(0, this.#at, this.#end);
    const more = Math.min(this.#buffer.length - kept, (this.#file?.words ?? 0) - this.#position);
    this.#file?.read(this.#buffer, kept, kept + more, this.#position);
    this.#position += more;
    this.#at = 0;
    this.#end = kept + more;
  }
}

const rowIdWords = (head: number): number => ((head >>> 3) + 3) >>> 2;
