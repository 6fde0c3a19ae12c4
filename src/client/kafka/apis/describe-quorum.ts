import type { Api } from './api.js';

/** Kafka 3.0, with KRaft: the node id of the controller that leads the metadata; -1 where the quorum has none. */
export const describeQuorum: Api<Record<string, never>, { error: number; leader: number }> = {
  name: 'DescribeQuorum',
  key: 55,
  min: 0,
  max: 0,
  flexibleFrom: 0,
  encode: (writer) => {
    writer.compactArray([METADATA_TOPIC], (w, topic) => {
      w.compactString(topic);
      w.compactArray([0], (p, partition) => p.int32(partition).tags());
      w.tags();
    });
    writer.tags();
  },
  decode: (reader) => {
    const error = reader.int16();
    const topics = reader.compactArray((t) => {
      t.compactString(); // name
      const partitions = t.compactArray((p) => {
        p.int32(); // partition
        const found = { error: p.int16(), leader: p.int32() };
        p.int32(); // leader epoch
        p.int64(); // high watermark
        for (const _ of ['voters', 'observers']) {
          p.compactArray((r) => {
            r.int32(); // node
            r.int64(); // log end
            r.tags();
          });
        }
        p.tags();
        return found;
      });
      t.tags();
      return partitions[0];
    });
    reader.tags();
    const found = topics[0] ?? { error: 0, leader: -1 };
    return { error: error === 0 ? found.error : error, leader: found.leader };
  },
};

const METADATA_TOPIC = '__cluster_metadata';
