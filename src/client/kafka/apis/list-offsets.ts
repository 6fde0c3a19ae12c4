import { type Api, type IsolationLevel, isolationByte } from './api.js';

export const EARLIEST = -2;
export const LATEST = -1;

export interface ListOffsetsRequest {
  topic: string;
  partitions: { partition: number; leaderEpoch: number }[];
  timestamp: typeof EARLIEST | typeof LATEST;
  isolation: IsolationLevel;
}

export const listOffsets: Api<ListOffsetsRequest, { partition: number; error: number; offset: number }[]> = {
  name: 'ListOffsets',
  key: 2,
  min: 4,
  max: 5,
  encode: (writer, _version, { topic, partitions, timestamp, isolation }) => {
    writer.int32(-1).int8(isolationByte(isolation));
    writer.array([topic], (w, name) =>
      w.string(name).array(partitions, (p, { partition, leaderEpoch }) => {
        p.int32(partition).int32(leaderEpoch).int64(timestamp);
      }),
    );
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    return reader
      .array((topic) => {
        topic.string();
        return topic.array((r) => {
          const [partition, error] = [r.int32(), r.int16()];
          r.int64(); // timestamp
          const offset = r.int64();
          r.int32(); // leader epoch of that record
          return { partition, error, offset };
        });
      })
      .flat();
  },
};
