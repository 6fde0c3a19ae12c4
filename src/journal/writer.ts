import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../core/clock.js';
import { FlinchError, messageOf } from '../core/error.js';
import type { EventBody, JournalEvent } from './events.js';

export type JournalListener = (event: JournalEvent) => void;

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/**
 * The one writer of a run's journal: append-only NDJSON, one write system call per event, so what was written before
 * a crash of the runner is in the file. After a failed write nothing more is written, because a line may be half there.
 */
export class JournalWriter {
  readonly file: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<JournalListener>();
  #fd: number | undefined;
  #seq = 0;
  #failure: FlinchError | undefined;

  private constructor(file: string, fd: number, clock: Clock) {
    this.file = file;
    this.#fd = fd;
    this.#clock = clock;
  }

  /** Creates the journal; an existing file is never written to. @throws FlinchError JOURNAL_WRITE */
  static open(file: string, clock: Clock): JournalWriter {
    return JournalWriter.#opened(file, 'ax', clock);
  }

  /** Writes onto a file that is there, a device or a pipe. @throws FlinchError JOURNAL_WRITE */
  static onto(file: string, clock: Clock): JournalWriter {
    return JournalWriter.#opened(file, 'a', clock);
  }

  static #opened(file: string, flags: string, clock: Clock): JournalWriter {
    try {
      return new JournalWriter(file, openSync(file, flags), clock);
    } catch (cause) {
      throw new FlinchError('JOURNAL_WRITE', {
        what: `the journal cannot be created: ${messageOf(cause)}`,
        on: file,
        todo: 'check that the reports folder exists, is writable and has space',
        cause,
      });
    }
  }

  /** The first failure to write, if there was one. */
  get failure(): FlinchError | undefined {
    return this.#failure;
  }

  /**
   * Stamps the event, writes it and tells the listeners.
   * @param durable wait until the disk has it (fsync), for events that must outlive the machine
   * @throws FlinchError JOURNAL_WRITE, also for every write after the first that failed
   */
  write(body: EventBody, { durable = false }: { durable?: boolean } = {}): JournalEvent {
    if (this.#failure) throw this.#failure;
    if (this.#fd === undefined) {
      throw new FlinchError('JOURNAL_WRITE', { what: 'the journal is closed', on: this.file });
    }
    const stamp = { seq: this.#seq, mono: rounded(this.#clock.mono()), wall: this.#clock.wall() };
    const event: JournalEvent = { ...stamp, ...body };
    try {
      const line = Buffer.from(`${JSON.stringify(event)}\n`);
      for (let done = 0; done < line.length; ) done += writeSync(this.#fd, line, done);
      if (durable) fsyncSync(this.#fd);
    } catch (cause) {
      this.#failure = new FlinchError('JOURNAL_WRITE', {
        what: `an event of type ${body.type} could not be written: ${messageOf(cause)}`,
        on: this.file,
        todo: 'make space under the reports folder',
        cause,
      });
      throw this.#failure;
    }
    this.#seq++;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // A broken view must not break the run that it shows.
      }
    }
    return event;
  }

  /** Calls `listener` with each event once it is written, until the returned function is called. */
  listen(listener: JournalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Syncs and closes the file. Never throws and may be called again. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    for (const end of [fsyncSync, closeSync]) {
      try {
        end(fd);
      } catch {
        // The file keeps what was written; there is nobody left to tell.
      }
    }
  }
}
