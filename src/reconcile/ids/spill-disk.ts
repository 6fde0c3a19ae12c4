import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FlinchError, messageOf } from '../../core/error.js';

/** What is used of node:fs; a test may lie here. */
export type SpillFs = Pick<
  typeof fs,
  | 'accessSync'
  | 'mkdirSync'
  | 'rmdirSync'
  | 'openSync'
  | 'writeSync'
  | 'readSync'
  | 'closeSync'
  | 'unlinkSync'
  | 'statfsSync'
>;

/**
 * Scratch files in a directory. Each is unlinked as soon as it is open, so that nothing is left whatever ends the
 * process; where the system does not allow that, when it is closed. Everything throws FlinchError SPILL.
 */
export class SpillDisk {
  bytesWritten = 0;
  readonly #directory: string;
  readonly #piece: number;
  readonly #fs: SpillFs;
  /** The first of the directories that did not exist before. */
  readonly #made: string | undefined;
  /** Open files, each with its path if it still has one. */
  readonly #open = new Map<number, string | undefined>();
  #checkAt = 0;
  #ended = false;

  /** @param piece bytes; before each piece that is written, there must be room for it */
  constructor(directory: string, piece: number, system: SpillFs = fs) {
    this.#directory = resolve(directory);
    this.#piece = piece;
    this.#fs = system;
    this.#made = this.#try('prepare', () => {
      const made = system.mkdirSync(this.#directory, { recursive: true });
      system.accessSync(this.#directory, fs.constants.W_OK | fs.constants.X_OK);
      return made && resolve(made);
    });
  }

  open(): number {
    if (this.#ended) throw this.#error('a scratch file was wanted after the end');
    return this.#try('open a file in', () => {
      const path = join(this.#directory, `flinch-spill-${process.pid}-${randomBytes(6).toString('hex')}`);
      const file = this.#fs.openSync(path, 'wx+', 0o600);
      this.#open.set(file, path);
      try {
        this.#fs.unlinkSync(path);
        this.#open.set(file, undefined);
      } catch {
        // Unlinked when it is closed.
      }
      return file;
    });
  }

  /** Appends all of the bytes. */
  write(file: number, bytes: Uint8Array): void {
    this.#mustBeOpen(file);
    if (this.bytesWritten + bytes.length > this.#checkAt) this.#checkRoom(bytes.length);
    this.#try('write to', () => {
      for (let at = 0; at < bytes.length; ) at += this.#fs.writeSync(file, bytes, at, bytes.length - at);
    });
    this.bytesWritten += bytes.length;
  }

  /** Fills `into` from a position. A file that is shorter than that is an error. */
  read(file: number, into: Uint8Array, position: number): void {
    this.#mustBeOpen(file);
    this.#try('read from', () => {
      for (let at = 0; at < into.length; ) {
        const got = this.#fs.readSync(file, into, at, into.length - at, position + at);
        if (got === 0) throw new Error('a scratch file is shorter than what was written to it');
        at += got;
      }
    });
  }

  close(file: number): void {
    this.#mustBeOpen(file);
    const path = this.#open.get(file);
    this.#open.delete(file);
    this.#try('close a file in', () => {
      this.#fs.closeSync(file);
      if (path) this.#fs.unlinkSync(path);
    });
  }

  /** Closes every file and removes the directories that were made. Never throws: it also runs after an error. */
  end(): void {
    this.#ended = true;
    for (const file of [...this.#open.keys()]) attempt(() => this.close(file));
    if (!this.#made) return;
    attempt(() => {
      const { length } = this.#made as string;
      for (let path = this.#directory; path.length >= length; path = dirname(path)) this.#fs.rmdirSync(path);
    });
  }

  /** The number of a closed file may be that of someone else's by now. */
  #mustBeOpen(file: number): void {
    if (!this.#open.has(file)) throw this.#error('a scratch file was used after the end');
  }

  #checkRoom(bytes: number): void {
    const { bavail, bsize } = this.#try('look at', () => this.#fs.statfsSync(this.#directory));
    const wanted = Math.max(this.#piece, bytes);
    if (bavail * bsize < wanted) {
      throw this.#error(`only ${bavail * bsize} bytes are free where at least ${wanted} more may be needed`);
    }
    this.#checkAt = this.bytesWritten + wanted;
  }

  #try<T>(verb: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#error(`cannot ${verb} the scratch directory: ${messageOf(cause)}`, cause);
    }
  }

  #error(what: string, cause?: unknown): FlinchError {
    const todo = 'give a scratch directory with more room, or more memory, so that less has to be written';
    return new FlinchError('SPILL', { what, on: this.#directory, todo, cause });
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing more can be done, and the first error is the one to tell.
  }
}
