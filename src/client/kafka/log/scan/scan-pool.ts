import { Worker } from 'node:worker_threads';
import { withDeadline } from '../../../../core/deadline.js';
import { ownModule } from '../../../../core/own-module.js';
import { wireError } from '../../protocol/error-codes.js';
import type { BatchScan, LogPart } from '../log-consumer.js';
import { FOUND, type ScanRequest, type ScanResult } from './scanner.js';

export interface ScanPoolOptions {
  /** The module with the `scan`, as in scanner.ts. */
  scanner: URL;
  threads: number;
  /** Milliseconds for one answer. */
  ms: number;
  signal?: AbortSignal | undefined;
}

interface Thread {
  worker: Worker;
  /** Settles the answers that it has, the oldest first. */
  waiting: { resolve(result: ScanResult): void; reject(error: unknown): void }[];
}

const WORKER = ownModule('./scan-worker', import.meta.url);

/**
 * Threads that look at batches before their turn comes. They only ever save work: where one fails, or none is ready
 * yet, all is done without them.
 */
export class ScanPool {
  readonly #workers: Worker[] = [];
  /** Those that are ready. */
  readonly #threads: Thread[] = [];
  readonly #options: ScanPoolOptions;
  /** Memory of results that nobody looks at any more. */
  readonly #spares: ArrayBuffer[] = [];
  #broken: unknown;

  constructor(options: ScanPoolOptions) {
    this.#options = options;
    for (let i = 0; i < this.#forPlain; i++) this.#begin();
  }

  /** What is not packed is looked at faster than it comes in: the core that reads it and the broker need theirs more. */
  get #forPlain(): number {
    return Math.max(1, this.#options.threads - 1);
  }

  /** Whether it takes answers. */
  get ready(): boolean {
    return this.#threads.length > 0 && this.#broken === undefined;
  }

  /**
   * Gives `scans` to the parts of one answer. Their memory goes to a thread and comes back as another Buffer.
   * @throws FlinchError KAFKA_WIRE when the memory is lost; the signal's reason.
   */
  async scan(parts: readonly LogPart[]): Promise<void> {
    const memory = parts[0]?.bytes.buffer;
    const packed = parts.some(({ batches }) => batches.some(({ codec }) => codec !== 0));
    if (packed && this.#workers.length < this.#options.threads) this.#begin();
    const threads = packed ? this.#threads : this.#threads.slice(0, this.#forPlain);
    const [thread] = threads.toSorted((a, b) => a.waiting.length - b.waiting.length);
    if (!thread || !(memory instanceof ArrayBuffer) || parts.some(({ bytes }) => bytes.buffer !== memory)) return;
    // Where none could be told apart a thread could not either.
    const pieces = parts.map(({ bytes, batches }) => ({
      at: bytes.byteOffset,
      length: batches.length > 0 ? bytes.length : 0,
    }));
    const { ms, signal } = this.#options;
    try {
      const request = { memory, spare: this.#spares.pop(), pieces };
      const result = await withDeadline('scanning an answer', ms, () => send(thread, request), signal);
      adopt(parts, pieces, result);
    } catch (error) {
      if (signal?.aborted) throw error;
      this.#fail(error);
      throw wireError('a thread failed that scanned an answer', parts[0]?.origin.broker ?? '', undefined, error);
    }
  }

  /** Says that the scans of these parts are done with. */
  release([part]: readonly LogPart[]): void {
    const words = part?.scans?.find((scan) => scan.words)?.words?.buffer;
    if (words instanceof ArrayBuffer && this.#spares.length < this.#threads.length) this.#spares.push(words);
  }

  close(): void {
    this.#fail(new Error('it was closed'));
  }

  #begin(): void {
    const { url, execArgv } = WORKER;
    const worker = new Worker(url, { workerData: this.#options.scanner.href, execArgv });
    const thread: Thread = { worker, waiting: [] };
    this.#workers.push(worker);
    worker.unref();
    worker.on('message', (message: ScanResult | 'ready') => {
      if (message !== 'ready') thread.waiting.shift()?.resolve(message);
      else if (this.#broken === undefined) this.#threads.push(thread);
    });
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', (code) => this.#fail(new Error(`it ended with ${code}`)));
  }

  #fail(error: unknown): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    for (const { waiting } of this.#threads) for (const { reject } of waiting) reject(error);
    for (const worker of this.#workers) void worker.terminate();
  }
}

const send = ({ worker, waiting }: Thread, request: ScanRequest): Promise<ScanResult> =>
  new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    worker.postMessage(request, request.spare ? [request.memory, request.spare] : [request.memory]);
  });

function adopt(parts: readonly LogPart[], pieces: ScanRequest['pieces'], { memory, words, found }: ScanResult): void {
  let next = 0;
  for (const [i, part] of parts.entries()) {
    const { at, length } = pieces[i] as { at: number; length: number };
    part.bytes = Buffer.from(memory, at, length);
    part.scans = part.batches.map((): BatchScan => {
      const [crc = 0, first = -1, count = 0] = found.subarray(next, next + FOUND);
      next += FOUND;
      return { crc, ...(first < 0 ? {} : { words: new Int32Array(words, 4 * first, count) }) };
    });
  }
}
