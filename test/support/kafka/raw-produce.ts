import type { Api } from '../../../src/client/kafka/apis/api.js';
import { KafkaCluster } from '../../../src/client/kafka/protocol/cluster.js';
import { encodeBatch } from '../record-batches.js';

interface ProduceRequest {
  topic: string;
  partition: number;
  batch: Buffer;
}

const produce: Api<ProduceRequest, number> = {
  name: 'Produce',
  key: 0,
  min: 3,
  max: 3,
  encode: (writer, _version, { topic, partition, batch }) => {
    writer.string('ghost').int16(-1).int32(10_000);
    writer.array([topic], (w, name) => w.string(name).array([partition], (p, index) => p.int32(index).bytes(batch)));
  },
  decode: (reader) =>
    reader.array((topic) => {
      topic.string();
      return topic.array((p) => [p.int32(), p.int16(), p.int64(), p.int64()] as const);
    })[0]?.[0]?.[1] ?? -1,
};

/**
 * Writes one transactional record of a producer without telling any coordinator: a hanging transaction, as a delayed
 * request of an old client leaves one. Needs brokers with `transaction.partition.verification.enable=false`.
 */
export async function plantHanging(
  bootstrap: readonly string[],
  at: { topic: string; partition: number; producerId: number; timestamp: number },
): Promise<void> {
  const cluster = new KafkaCluster({ brokers: bootstrap, clientId: 'ghost', deadlineMs: 20_000 });
  try {
    const { leaders } = await cluster.layout(at.topic);
    const connection = await cluster.node(leaders.get(at.partition) ?? -1);
    const { producerId, timestamp } = at;
    const batch = encodeBatch({ baseOffset: 0, records: [{ value: 'x' }], producerId, timestamp, transactional: true });
    const error = await connection.call(produce, { ...at, batch }, { ms: 15_000 });
    if (error !== 0) throw new Error(`Produce answered ${error}`);
  } finally {
    cluster.close();
  }
}
