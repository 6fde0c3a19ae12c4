import { type Api, type IsolationLevel, isolationByte } from './api.js';

export const EARLIEST = -2;
export const LATEST = -1;

export interface ListOffsetsRequest {
  topic: string;
  partitions: number[];
  timestamp: typeof EARLIEST | typeof LATEST;
  isolation: IsolationLevel;
}

export const listOffsets: Api<ListOffsetsRequest, { partition: number; error: number; offset: number }[]> = {
  name: 'ListOffsets',
  key: 2,
  min: 2,
  max: 5,
  encode: (writer, version, { topic, partitions, timestamp, isolation }) => {
    writer.int32(-1).int8(isolationByte(isolation));
    writer.array([topic], (w, name) =>
      w.string(name).array(partitions, (p, partition) => {
        p.int32(partition);
        if (version >= 4) p.int32(-1); // current leader epoch: unknown
        p.int64(timestamp);
      }),
    );
  },
  decode: (reader, version) => {
    reader.int32(); // throttle time
    return reader
      .array((topic) => {
        topic.string();
        return topic.array((r) => {
          const [partition, error] = [r.int32(), r.int16()];
          r.int64(); // timestamp
          const offset = r.int64();
          if (version >= 4) r.int32(); // leader epoch
          return { partition, error, offset };
        });
      })
      .flat();
  },
};
