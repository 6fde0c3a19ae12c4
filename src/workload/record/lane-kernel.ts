import type { WholeBatch } from '../../client/kafka/records/whole-batch.js';
import { LANE_KERNEL } from './lane-kernel-code.js';

/** Where in the module's memory the runs are, and where a batch begins. */
const RUNS = 64 + 4 * 1024;
const BATCH = RUNS + 32 * 1024;
/** Room behind a batch for loads that reach beyond its end. */
const SLACK = 64;
/** Words (int32) of a run: consecutive sequences of one lane. */
export const RUN_WORDS = 8;
export const RUN_LANE_WORD = 0;
export const RUN_FROM_WORD = 1;
export const RUN_TO_WORD = 2;
/** The latest time of its records, a double. */
export const RUN_TIME_WORD = 4;
/** Words (int32) of an entry, in which the module says what it found of a record. */
export const ENTRY_WORDS = 8;
/** -1 where the value is not exactly as the producer writes it: sequence and time are not known then. */
export const LANE_WORD = 0;
export const SEQUENCE_WORD = 1;
/** A double, in two words. */
export const TIME_WORD = 2;
export const OFFSET_DELTA_WORD = 4;
export const TIMESTAMP_DELTA_WORD = 5;
/** First byte of the value and the one after its last, from the batch's `start`; -1 for a null value. */
export const VALUE_START_WORD = 6;
export const VALUE_END_WORD = 7;
/** No record of format v2 is shorter: a count beyond this is not a count. */
const SHORTEST_RECORD = 7;
/** Memory of a module never shrinks, so larger batches are read the other way. */
const LARGEST = 16 * 1024 * 1024;
const PAGE = 65_536;

/** What was found of a batch. */
export interface LaneFindings {
  words: Int32Array;
  /** The same memory. */
  doubles: Float64Array;
  /** From this word on: entries of `ENTRY_WORDS` words, one for each record. */
  first: number;
  /** From this word on: runs that make up the batch, one for each of its lanes. */
  firstRun: number;
  /** 0 where it is not that simple. */
  runs: number;
}

interface Kernel {
  memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readBatch(at: number, end: number, count: number, lastDelta: number, out: number): number;
}

/** What is used of WebAssembly; the types of Node do not have it. */
interface Engine {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
}

/**
 * Reads all records of a batch in one call of WebAssembly, several times faster than `walkRecords` with LaneRecord.
 * It knows only values that are exactly as `formatRecord` writes them: anything else is left to LaneRecord, and a batch
 * that is damaged or unusual is left whole, so that every answer is the one which those give.
 */
export class LaneKernel implements LaneFindings {
  readonly #kernel: Kernel;
  #bytes = new Uint8Array(0);
  // Of the last batch, until the next.
  words = new Int32Array(0);
  doubles = new Float64Array(0);
  first = 0;
  runs = 0;
  readonly firstRun = RUNS / 4;

  constructor() {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
    this.#kernel = new Instance(new Module(Buffer.from(LANE_KERNEL, 'base64'))).exports as Kernel;
  }

  /** Reads a batch, one entry for each record; false where it must be read the other way. */
  read({ body, start, end, count, baseOffset, lastOffset }: WholeBatch): boolean {
    const length = end - start;
    if (length > LARGEST || count < 1 || count * SHORTEST_RECORD > length) return false;
    const out = (BATCH + length + SLACK + 7) & ~7;
    this.#reserve(out + count * 4 * ENTRY_WORDS + SLACK);
    // As a view of plain bytes: `copy` and `set` of a Buffer cost more.
    this.#bytes.set(body.subarray(start, end), BATCH);
    this.first = out / 4;
    this.runs = this.#kernel.readBatch(BATCH, BATCH + length, count, lastOffset - baseOffset, out);
    return this.runs >= 0;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const { memory } = this.#kernel;
    memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
    this.#bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.doubles = new Float64Array(memory.buffer);
  }
}
