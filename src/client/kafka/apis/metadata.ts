import type { Api } from './api.js';

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

/** Version 7 is the first that tells leader epochs; Kafka 2.1. */
export const metadata: Api<{ topics: string[] }, MetadataResponse> = {
  name: 'Metadata',
  key: 3,
  min: 7,
  max: 7,
  encode: (writer, _version, { topics }) => {
    // Never auto-create: reading must not change the cluster.
    writer.array(topics, (w, topic) => w.string(topic)).int8(0);
  },
  decode: (reader) => {
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
        const [error, partition, leader, leaderEpoch] = [p.int16(), p.int32(), p.int32(), p.int32()];
        p.array((x) => x.int32()); // replicas
        p.array((x) => x.int32()); // in-sync replicas
        p.array((x) => x.int32()); // offline replicas
        return { error, partition, leader, leaderEpoch };
      });
      return { ...topic, partitions };
    });
    return { brokers, topics };
  },
};
