import type { CannedPartition } from './canned-broker.js';
import { encodeBatch, type SourceBatch } from './record-batches.js';

/** A partition with these batches, all of it committed. */
export function logOf(...batches: SourceBatch[]): CannedPartition {
  const canned = batches.map((batch) => {
    const lastOffset = batch.baseOffset + (batch.lastDelta ?? Math.max(0, batch.records.length - 1));
    return { baseOffset: batch.baseOffset, lastOffset, bytes: encodeBatch(batch) };
  });
  const end = (canned.at(-1)?.lastOffset ?? -1) + 1;
  return { batches: canned, lastStableOffset: end, highWatermark: end };
}

export const simple = () =>
  logOf({ baseOffset: 0, records: [{ value: 'a' }, { value: 'b' }] }, { baseOffset: 2, records: [{ value: 'c' }] });
