import type { BatchHeader, BatchOrigin } from '../records/record-batch.js';

/** One batch of a partition, in its turn, with what the log tells of it. */
export interface LogBatch {
  header: BatchHeader;
  /** Holds the batch where the header says. */
  bytes: Buffer;
  origin: BatchOrigin;
  /** False for the records of an aborted transaction; above the last stable offset it says nothing. */
  committed: boolean;
  /** Offsets that were asked for and not yet handed over: from `from` to before `end`. */
  from: number;
  end: number;
  lastStableOffset: number;
}

/** What is done with the batches. What it throws is the partition's error, but for a Thrown, which ends the read. */
export interface LogConsumer {
  /** What must be loaded before these can be taken; undefined when there is nothing to wait for. */
  prepare(batches: readonly BatchHeader[]): Promise<void> | undefined;
  take(batch: LogBatch): void;
}

/** Wraps what a caller's own callback threw. */
export class Thrown extends Error {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    super('a callback threw');
    this.thrown = thrown;
  }
}
