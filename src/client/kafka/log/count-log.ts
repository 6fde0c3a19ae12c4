import type { KafkaCluster } from '../protocol/cluster.js';
import { wireError } from '../protocol/error-codes.js';
import { RecordView, readRecords } from '../records/record-batch.js';
import type { PartitionOutcome } from './cursor.js';
import { type FetchLogOptions, fetchLog } from './fetch-log.js';
import { type LogBatch, loadCodecs } from './log-consumer.js';
import type { PartitionOffsets } from './offsets.js';

/** What lies between two offsets of a partition, by the headers of its batches. */
export interface PartitionCount extends PartitionOutcome {
  /** Data records that a read_committed reader gets. */
  committed: number;
  /** Data records of aborted transactions. */
  aborted: number;
  /** Data records at or above the last stable offset: an open transaction holds them back. */
  undecided: number;
  /** Markers of transactions and other control records, which take offsets and are no data. */
  control: number;
}

export type CountOptions = Pick<FetchLogOptions, 'from' | 'fetchBytes'>;

/**
 * Counts the records of partitions up to the high watermark from the headers of their batches, which say how many each
 * holds: nothing is unpacked but a batch that a bound cuts through. Trouble with one partition is its `error`.
 * @throws the cluster signal's reason
 */
export async function countLog(
  cluster: KafkaCluster,
  topic: string,
  bounds: readonly PartitionOffsets[],
  options: CountOptions = {},
): Promise<PartitionCount[]> {
  const counts = new Map<number, Omit<PartitionCount, keyof PartitionOutcome>>();
  for (const { partition } of bounds) counts.set(partition, { committed: 0, aborted: 0, undecided: 0, control: 0 });
  const outcomes = await fetchLog(
    cluster,
    topic,
    bounds,
    { ...options, isolation: 'read_uncommitted' },
    {
      // Which batches a bound cuts through is known when their turn comes.
      prepare: loadCodecs,
      take: (batch) => {
        const count = counts.get(batch.origin.partition);
        if (!count) return;
        if (batch.header.control) {
          if (batch.header.lastOffset >= batch.from) count.control += recordsOf(batch);
          return;
        }
        const { committed, lastStableOffset } = batch;
        const stable = within(batch, batch.from, Math.min(batch.end, lastStableOffset));
        count[committed ? 'committed' : 'aborted'] += stable;
        count.undecided += within(batch, Math.max(batch.from, lastStableOffset), batch.end);
      },
    },
  );
  return outcomes.map((outcome) => ({
    ...outcome,
    ...(counts.get(outcome.partition) ?? { committed: 0, aborted: 0, undecided: 0, control: 0 }),
  }));
}

/** How many of a batch's records have offsets from `from` to before `end`. */
function within(batch: LogBatch, from: number, end: number): number {
  const { header, bytes, origin } = batch;
  const { baseOffset, lastOffset } = header;
  if (from >= end || lastOffset < from || baseOffset >= end) return 0;
  if (baseOffset >= from && lastOffset < end) return recordsOf(batch);
  // A log may begin in the middle of a batch (DeleteRecords), which its header does not say.
  const view = new RecordView();
  let found = 0;
  readRecords(bytes, header, origin, view, () => {
    if (view.offset >= from && view.offset < end) found++;
  });
  return found;
}

/** @throws FlinchError KAFKA_WIRE on a number that cannot be */
function recordsOf({ header, origin }: LogBatch): number {
  const { count, baseOffset, lastOffset } = header;
  const offsets = lastOffset - baseOffset + 1;
  if (count >= 0 && count <= offsets) return count;
  const on = `topic ${origin.topic}, partition ${origin.partition}, offset ${baseOffset} (${origin.broker})`;
  throw wireError(`a record batch claims ${count} records in ${offsets} offsets`, on);
}
