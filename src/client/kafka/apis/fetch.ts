import type { WireReader } from '../protocol/wire.js';
import { type Api, type IsolationLevel, isolationByte } from './api.js';

export interface FetchRequest {
  topic: string;
  isolation: IsolationLevel;
  /** Milliseconds the broker may wait for the first byte. */
  maxWait: number;
  /** Bytes of the whole answer. The first batch is sent whole even when it is larger. */
  maxBytes: number;
  partitions: { partition: number; leaderEpoch: number; offset: number; maxBytes: number }[];
}

/** A transaction that the broker knows to be aborted and whose records may be in the answer. */
export interface AbortedTransaction {
  producerId: number;
  firstOffset: number;
}

export interface FetchedPartition {
  partition: number;
  error: number;
  highWatermark: number;
  lastStableOffset: number;
  /** In the order of the broker's transaction index, which is that of completion, not of first offset. */
  aborted: AbortedTransaction[];
  records: Buffer;
}

/** Fetch 10 (Kafka 2.1, the first that hands out zstd) to 11, outside of fetch sessions. */
export const fetch: Api<FetchRequest, { error: number; partitions: FetchedPartition[] }> = {
  name: 'Fetch',
  key: 1,
  min: 10,
  max: 11,
  encode: (writer, version, request) => {
    writer.int32(-1).int32(request.maxWait).int32(1).int32(request.maxBytes);
    writer.int8(isolationByte(request.isolation));
    writer.int32(0).int32(-1); // session id and epoch: no session
    writer.array([request.topic], (w, topic) =>
      w.string(topic).array(request.partitions, (p, { partition, leaderEpoch, offset, maxBytes }) => {
        p.int32(partition).int32(leaderEpoch).int64(offset);
        p.int64(-1); // log start offset, for followers
        p.int32(maxBytes);
      }),
    );
    writer.int32(0); // forgotten topics
    if (version >= 11) writer.string(''); // rack: always read from the leader
  },
  decode: (reader, version) => {
    reader.int32(); // throttle time
    const error = reader.int16();
    reader.int32(); // session id
    const topics = reader.array((topic) => {
      topic.string();
      return topic.array((r) => decodePartition(r, version));
    });
    return { error, partitions: topics.flat() };
  },
};

function decodePartition(reader: WireReader, version: number): FetchedPartition {
  const [partition, error] = [reader.int32(), reader.int16()];
  const [highWatermark, lastStableOffset] = [reader.int64(), reader.int64()];
  reader.int64(); // log start offset
  const aborted = reader.array((r) => ({ producerId: r.int64(), firstOffset: r.int64() }));
  if (version >= 11) reader.int32(); // preferred read replica
  return { partition, error, highWatermark, lastStableOffset, aborted, records: reader.bytes() };
}
