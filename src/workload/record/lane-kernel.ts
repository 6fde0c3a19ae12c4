import type { WholeBatch } from '../../client/kafka/records/whole-batch.js';
import { LANE_KERNEL } from './lane-kernel-code.js';

/** Where in the module's memory a batch begins. */
const BATCH = 64;
/** Room behind a batch for loads that reach beyond its end. */
const SLACK = 64;
/** Bytes of what the module writes for a record. */
const ENTRY = 32;
/** No record of format v2 is shorter: a count beyond this is not a count. */
const SHORTEST_RECORD = 7;
/** Memory of a module never shrinks, so larger batches are read the other way. */
const LARGEST = 16 * 1024 * 1024;
const PAGE = 65_536;

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
export class LaneKernel {
  readonly #kernel: Kernel;
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #doubles = new Float64Array(0);
  #first = 0;

  constructor() {
    const { Module, Instance } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
    this.#kernel = new Instance(new Module(Buffer.from(LANE_KERNEL, 'base64'))).exports as Kernel;
  }

  /** Reads a batch; what is then told of its records, by number from 0, is good until the next one. */
  read({ body, start, end, count, baseOffset, lastOffset }: WholeBatch): boolean {
    const length = end - start;
    if (length > LARGEST || count < 1 || count * SHORTEST_RECORD > length) return false;
    const out = (BATCH + length + SLACK + 7) & ~7;
    this.#reserve(out + count * ENTRY + SLACK);
    // As a view of plain bytes: `copy` and `set` of a Buffer cost more.
    this.#bytes.set(body.subarray(start, end), BATCH);
    this.#first = out / 4;
    return this.#kernel.readBatch(BATCH, BATCH + length, count, lastOffset - baseOffset, out) === 1;
  }

  /** -1 where the value is not exactly as the producer writes it: sequence and time are not known then. */
  lane(record: number): number {
    return this.#words[this.#first + 8 * record]!;
  }
  sequence(record: number): number {
    return this.#words[this.#first + 8 * record + 1]!;
  }
  time(record: number): number {
    return this.#doubles[this.#first / 2 + 4 * record + 1]!;
  }
  offsetDelta(record: number): number {
    return this.#words[this.#first + 8 * record + 4]!;
  }
  timestampDelta(record: number): number {
    return this.#words[this.#first + 8 * record + 5]!;
  }
  /** First byte of the value and the one after its last, from the batch's `start`; -1 for a null value. */
  valueStart(record: number): number {
    return this.#words[this.#first + 8 * record + 6]!;
  }
  valueEnd(record: number): number {
    return this.#words[this.#first + 8 * record + 7]!;
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const { memory } = this.#kernel;
    memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#doubles = new Float64Array(memory.buffer);
  }
}
