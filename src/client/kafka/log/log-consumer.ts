import type { FlinchError } from '../../../core/error.js';
import type { AbortedTransaction } from '../apis/fetch.js';
import { prepareCodecs } from '../records/codecs/codecs.js';
import type { BatchHeader, BatchOrigin } from '../records/record-batch.js';
import type { Cursor } from './cursor.js';

/** What an answer holds of one partition. */
export interface LogPart {
  cursor: Cursor;
  origin: BatchOrigin;
  /** Holds the batches where their headers say. */
  bytes: Buffer;
  batches: BatchHeader[];
  aborted: readonly AbortedTransaction[];
  /** Of each batch, where others have looked at them already. */
  scans?: readonly BatchScan[];
  /** Why nothing follows after these batches. */
  error?: FlinchError;
  outOfRange?: true;
}

/** What another thread found in a batch. */
export interface BatchScan {
  /** CRC-32C of the batch as it is. */
  crc: number;
  /** As the scanner gave them; missing where it left the batch to the usual way. */
  words?: Int32Array;
}

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
  scan?: BatchScan | undefined;
}

/** What is done with the batches. What it throws is the partition's error, but for a Thrown, which ends the read. */
export interface LogConsumer {
  /** Answers that may be with `prepare` while a further one is on its way; none unless told. */
  readonly ahead?: number;
  /**
   * What must be done before the batches of an answer can be taken; undefined when there is nothing to wait for. It may
   * give `scans` to the parts, and other memory with the same bytes. @throws to have the answer fetched again.
   */
  prepare(parts: readonly LogPart[]): Promise<void> | undefined;
  take(batch: LogBatch): void;
  /** All batches of an answer have been taken. */
  done?(parts: readonly LogPart[]): void;
}

/** What is needed to unpack them: the `prepare` of a consumer that does no more. */
export const loadCodecs: LogConsumer['prepare'] = (parts) => prepareCodecs(parts.flatMap(({ batches }) => batches));

/** Wraps what a caller's own callback threw. */
export class Thrown extends Error {
  readonly thrown: unknown;
  constructor(thrown: unknown) {
    super('a callback threw');
    this.thrown = thrown;
  }
}
