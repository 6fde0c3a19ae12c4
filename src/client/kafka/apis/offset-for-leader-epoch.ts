import type { Api } from './api.js';

export interface LeaderEpochRequest {
  topic: string;
  partitions: { partition: number; currentLeaderEpoch: number; leaderEpoch: number }[];
}

export interface LeaderEpochEnd {
  partition: number;
  error: number;
  /** The newest epoch of the log that is not above the one asked for; -1 when the log knows none. */
  leaderEpoch: number;
  /** The offset where that epoch ended; the log's end while it goes on; -1 when unknown. */
  endOffset: number;
}

/** Where an epoch of a partition's leadership ended in the log: tells whether a log was cut off (KIP-320). */
export const offsetForLeaderEpoch: Api<LeaderEpochRequest, LeaderEpochEnd[]> = {
  name: 'OffsetForLeaderEpoch',
  key: 23,
  min: 2,
  max: 3,
  encode: (writer, version, { topic, partitions }) => {
    if (version >= 3) writer.int32(-1); // replica: a consumer
    writer.array([topic], (w, name) =>
      w.string(name).array(partitions, (p, { partition, currentLeaderEpoch, leaderEpoch }) => {
        p.int32(partition).int32(currentLeaderEpoch).int32(leaderEpoch);
      }),
    );
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    return reader
      .array((topic) => {
        topic.string();
        return topic.array((r) => ({
          error: r.int16(),
          partition: r.int32(),
          leaderEpoch: r.int32(),
          endOffset: r.int64(),
        }));
      })
      .flat();
  },
};
