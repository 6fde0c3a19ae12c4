import type { Api } from './api.js';

export interface OffsetFetchRequest {
  group: string;
  topic: string;
  partitions: readonly number[];
}

export interface OffsetFetchResponse {
  /** Of the group as a whole. */
  error: number;
  partitions: {
    partition: number;
    error: number;
    /** The next offset to read; -1 when the group has committed none. */
    offset: number;
  }[];
}

/** What a consumer group has committed; only its coordinator answers. Needs Describe on the group and on the topic. */
export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  name: 'OffsetFetch',
  key: 9,
  min: 2,
  max: 5,
  encode: (writer, _version, { group, topic, partitions }) => {
    writer.string(group).array([topic], (w, name) => w.string(name).array(partitions, (p, n) => p.int32(n)));
  },
  decode: (reader, version) => {
    if (version >= 3) reader.int32(); // throttle time
    const partitions = reader
      .array((topic) => {
        topic.string();
        return topic.array((p) => {
          const [partition, offset] = [p.int32(), p.int64()];
          if (version >= 5) p.int32(); // leader epoch of that offset
          p.string(); // metadata
          return { partition, offset, error: p.int16() };
        });
      })
      .flat();
    return { error: reader.int16(), partitions };
  },
};
