import type { FlinchError } from '../../../core/error.js';
import { wireError } from '../protocol/error-codes.js';
import type { PartitionOffsets } from './offsets.js';

export interface PartitionOutcome {
  partition: number;
  from: number;
  /** The offset up to which everything was handed over. */
  to: number;
  lastStableOffset: number;
  highWatermark: number;
  /** Why `to` is short of the end that was asked for. */
  error?: FlinchError;
}

/** Where the read of one partition stands. */
export interface Cursor extends PartitionOutcome {
  leaderEpoch: number;
  /** Epoch of the leadership that is read from now; the ends are of `leaderEpoch`. */
  currentEpoch: number;
  outOfRange?: true;
  /** Where the next fetch begins; runs ahead of `to` by what is fetched but not yet handed over. */
  next: number;
  end: number;
  fetchBytes: number;
  /** Of `fetchBytes`, unless a batch is larger. */
  mostBytes: number;
  /** Batches are compressed. */
  packed?: true;
  /** Monotonic milliseconds. */
  movedAt: number;
  /** Nothing more is fetched: an error follows once what was fetched before is handed over. */
  halted?: true;
  /** Passing trouble of the last try: wait for fresh metadata. */
  trouble?: unknown;
  /** Since when each try ended in trouble. */
  stuckSince?: number | undefined;
}

export interface CursorOptions {
  from: number;
  end: number;
  /** Of batches that are not compressed. */
  fetchBytes: number;
  now: number;
}

/** Bytes of one fetch of compressed batches, and of the first ones, when nobody knows. */
const PACKED_FETCH = 2 * 1024 * 1024;
/** Largest answer asked for when one batch does not fit. */
const LARGEST_FETCH = 256 * 1024 * 1024;

export function newCursor(ends: PartitionOffsets, { from, end, fetchBytes, now }: CursorOptions): Cursor {
  const { partition, leaderEpoch, lastStableOffset, highWatermark } = ends;
  return {
    partition,
    leaderEpoch,
    currentEpoch: leaderEpoch,
    from,
    to: from,
    next: from,
    end,
    lastStableOffset,
    highWatermark,
    fetchBytes: Math.min(fetchBytes, PACKED_FETCH),
    mostBytes: fetchBytes,
    movedAt: now,
  };
}

export const outcomeOf = (cursor: Cursor): PartitionOutcome => {
  const { partition, from, to, lastStableOffset, highWatermark, error } = cursor;
  return { partition, from, to, lastStableOffset, highWatermark, ...(error ? { error } : {}) };
};

export function stuck(cursor: Cursor, trouble: unknown, now: number): void {
  cursor.trouble = trouble;
  cursor.stuckSince ??= now;
}

export function moved(cursor: Cursor, to: number, now: number): void {
  cursor.to = Math.min(Math.max(cursor.to, to), cursor.end);
  cursor.movedAt = now;
  cursor.stuckSince = undefined;
}

/** Asks for little from now on: an answer of compressed batches is many times as large when they are unpacked. */
export function expectPacked(cursor: Cursor): void {
  if (cursor.packed) return;
  cursor.packed = true;
  cursor.fetchBytes = Math.min(cursor.fetchBytes, PACKED_FETCH);
}

/** Asks for much from now on, unless it was told otherwise before. */
export function expectPlain(cursor: Cursor): void {
  if (!cursor.packed) cursor.fetchBytes = Math.max(cursor.fetchBytes, cursor.mostBytes);
}

/** The next answer may be twice as large. @throws FlinchError KAFKA_WIRE when it would be too large. */
export function grow(cursor: Cursor, on: string): void {
  if (cursor.fetchBytes >= LARGEST_FETCH) throw wireError('a record batch is larger than 256 MiB', on);
  cursor.fetchBytes *= 2;
}
