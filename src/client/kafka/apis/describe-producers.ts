import type { Api } from './api.js';

/** A producer that a partition's leader remembers. */
export interface ProducerState {
  producerId: number;
  producerEpoch: number;
  /** When its last batch was written, milliseconds since the epoch by the batch's own time; -1 when unknown. */
  lastTimestamp: number;
  /** First offset of its open transaction; -1 when it has none on this partition. */
  currentTxnStartOffset: number;
}

export interface DescribedPartition {
  partition: number;
  error: number;
  producers: ProducerState[];
}

/** Kafka 3.0; only the partition's leader answers. Needs Read on the topic. */
export const describeProducers: Api<{ topic: string; partitions: readonly number[] }, DescribedPartition[]> = {
  name: 'DescribeProducers',
  key: 61,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  encode: (writer, _version, { topic, partitions }) => {
    writer
      .compactArray([topic], (w, name) =>
        w
          .compactString(name)
          .compactArray(partitions, (p, partition) => p.int32(partition))
          .tags(),
      )
      .tags();
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    const topics = reader.compactArray((topic) => {
      topic.compactString();
      const partitions = topic.compactArray((p): DescribedPartition => {
        const [partition, error] = [p.int32(), p.int16()];
        p.compactString(); // error message
        const producers = p.compactArray((r): ProducerState => {
          const [producerId, producerEpoch] = [r.int64(), r.int32()];
          r.int32(); // last sequence
          const lastTimestamp = r.int64();
          r.int32(); // coordinator epoch
          const currentTxnStartOffset = r.int64();
          r.tags();
          return { producerId, producerEpoch, lastTimestamp, currentTxnStartOffset };
        });
        p.tags();
        return { partition, error, producers };
      });
      topic.tags();
      return partitions;
    });
    reader.tags();
    return topics.flat();
  },
};
