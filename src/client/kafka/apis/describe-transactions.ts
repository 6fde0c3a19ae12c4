import type { Api } from './api.js';

/** A transactional id as its coordinator knows it. */
export interface DescribedTransaction {
  error: number;
  transactionalId: string;
  /** Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, PrepareEpochFence or Dead. */
  state: string;
  timeoutMs: number;
  /** Milliseconds since the epoch by the coordinator's clock; -1 when no transaction has begun. */
  startedAt: number;
  producerId: number;
  producerEpoch: number;
  /** Partitions of the transaction; while it ends, those without a marker. Topics the caller may not see are left out. */
  topics: { topic: string; partitions: number[] }[];
}

/** Kafka 3.0; only the coordinator of an id answers for it. Changes nothing, not even for an id that does not exist. */
export const describeTransactions: Api<{ transactionalIds: readonly string[] }, DescribedTransaction[]> = {
  name: 'DescribeTransactions',
  key: 65,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  encode: (writer, _version, { transactionalIds }) => {
    writer.compactArray(transactionalIds, (w, id) => w.compactString(id)).tags();
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    const described = reader.compactArray((r): DescribedTransaction => {
      const [error, transactionalId, state] = [r.int16(), r.compactString() ?? '', r.compactString() ?? ''];
      const [timeoutMs, startedAt, producerId, producerEpoch] = [r.int32(), r.int64(), r.int64(), r.int16()];
      const topics = r.compactArray((t) => {
        const entry = { topic: t.compactString() ?? '', partitions: t.compactArray((p) => p.int32()) };
        t.tags();
        return entry;
      });
      r.tags();
      return { error, transactionalId, state, timeoutMs, startedAt, producerId, producerEpoch, topics };
    });
    reader.tags();
    return described;
  },
};
