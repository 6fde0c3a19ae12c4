import { allocate } from './allocate.js';
import type { Sighting } from './sighting.js';
import type { SpillDisk } from './spill-disk.js';
import { SpillFile } from './spill-file.js';

/** One write buffer for each file of a set; one set is written at a time. */
export class WriteBuffers {
  bytes = 0;
  readonly #buffers: (Uint32Array | undefined)[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }
  get(number: number): Uint32Array {
    const known = this.#buffers[number];
    if (known) return known;
    const buffer = new Uint32Array(allocate(this.#size));
    this.#buffers[number] = buffer;
    this.bytes += this.#size;
    return buffer;
  }
}

/** What does not fit into memory, spread over files by the top bits of its hash: one id is in one file only. */
export class SpillSet {
  readonly #disk: SpillDisk;
  readonly #level: number;
  readonly #buffers: WriteBuffers;
  readonly #shift: number;
  readonly #files: (SpillFile | undefined)[] = [];

  /** @param files a power of two above 1 */
  constructor(disk: SpillDisk, level: number, files: number, buffers: WriteBuffers) {
    this.#disk = disk;
    this.#level = level;
    this.#shift = 32 - Math.log2(files);
    this.#buffers = buffers;
  }

  append(sighting: Sighting, hash: number): void {
    const number = hash >>> this.#shift;
    let file = this.#files[number];
    if (!file) {
      file = new SpillFile(this.#disk, this.#level, this.#buffers.get(number));
      this.#files[number] = file;
    }
    file.append(sighting);
  }

  /** Ends the writing and returns the files that hold anything. */
  seal(): SpillFile[] {
    const files = this.#files.filter((file) => file !== undefined);
    for (const file of files) file.flush();
    return files;
  }
}
