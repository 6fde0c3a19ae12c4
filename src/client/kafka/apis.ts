import type { WireReader, WireWriter } from './wire.js';

/** One request of the protocol: the versions this reader speaks, and how. All are non-flexible ones. */
export interface Api<Request, Response> {
  name: string;
  key: number;
  min: number;
  max: number;
  encode(writer: WireWriter, version: number, request: Request): void;
  decode(reader: WireReader, version: number): Response;
}

export type VersionRanges = Map<number, { min: number; max: number }>;

/** Version 0 is understood by every broker, also as its answer to a newer version that it does not know. */
export const apiVersions: Api<undefined, { error: number; ranges: VersionRanges }> = {
  name: 'ApiVersions',
  key: 18,
  min: 0,
  max: 0,
  encode: () => {},
  decode: (reader) => {
    const error = reader.int16();
    const ranges: VersionRanges = new Map();
    for (const [key, min, max] of reader.array((r) => [r.int16(), r.int16(), r.int16()] as const)) {
      ranges.set(key, { min, max });
    }
    return { error, ranges };
  },
};

export interface PartitionMetadata {
  error: number;
  partition: number;
  /** Node id, -1 while there is none. */
  leader: number;
  leaderEpoch: number;
}
export interface MetadataResponse {
  brokers: { node: number; host: string; port: number }[];
  topics: { error: number; name: string; partitions: PartitionMetadata[] }[];
}

export const metadata: Api<{ topics: string[] }, MetadataResponse> = {
  name: 'Metadata',
  key: 3,
  min: 4,
  max: 7,
  encode: (writer, _version, { topics }) => {
    // Never auto-create: reading must not change the cluster.
    writer.array(topics, (w, topic) => w.string(topic)).int8(0);
  },
  decode: (reader, version) => {
    reader.int32(); // throttle time
    const brokers = reader.array((r) => {
      const broker = { node: r.int32(), host: r.string() ?? '', port: r.int32() };
      r.string(); // rack
      return broker;
    });
    reader.string(); // cluster id
    reader.int32(); // controller
    const topics = reader.array((r) => {
      const topic = { error: r.int16(), name: r.string() ?? '' };
      r.int8(); // internal
      const partitions = r.array((p) => {
        const [error, partition, leader] = [p.int16(), p.int32(), p.int32()];
        const leaderEpoch = version >= 7 ? p.int32() : -1;
        p.array((x) => x.int32()); // replicas
        p.array((x) => x.int32()); // in-sync replicas
        if (version >= 5) p.array((x) => x.int32()); // offline replicas
        return { error, partition, leader, leaderEpoch };
      });
      return { ...topic, partitions };
    });
    return { brokers, topics };
  },
};

export type IsolationLevel = 'read_uncommitted' | 'read_committed';
const isolationByte = (isolation: IsolationLevel) => (isolation === 'read_committed' ? 1 : 0);

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
