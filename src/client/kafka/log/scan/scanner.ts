import type { WholeBatch } from '../../records/whole-batch.js';

/**
 * What a module exports as `scan` to look at batches in other threads, each for itself. It gives what it found as words,
 * in pieces whose lengths are even and that are good until the next call; undefined leaves the batch to the usual way,
 * as does a throw. It may say nothing that the usual way would not.
 */
export type Scanner = (batch: WholeBatch) => readonly Int32Array[] | undefined;

/** An answer as it goes to a thread, its memory with it. */
export interface ScanRequest {
  memory: ArrayBuffer;
  /** Memory for the words, of an earlier result. */
  spare?: ArrayBuffer | undefined;
  /** For each partition where its batches lie in `memory`. */
  pieces: readonly { at: number; length: number }[];
}

/** Numbers of `found` for each batch: CRC-32C, first of its words (-1 where there are none), how many they are. */
export const FOUND = 3;

/** The same memory, and what was found of each batch of each piece. */
export interface ScanResult {
  memory: ArrayBuffer;
  words: ArrayBuffer;
  found: Float64Array;
}
