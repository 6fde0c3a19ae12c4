import type { Api } from '../../../src/client/kafka/apis/api.js';
import { topicOffsets } from '../../../src/client/kafka/log/offsets.js';
import { KafkaCluster } from '../../../src/client/kafka/protocol/cluster.js';
import { crc32c } from '../../../src/client/kafka/records/crc32c.js';

interface ProduceRequest {
  topic: string;
  parts: { partition: number; batch: Buffer }[];
}

/** Produce 8, acknowledged by all in-sync replicas. For tests and benchmarks: it repeats nothing. */
const produce: Api<ProduceRequest, { partition: number; error: number; baseOffset: number }[]> = {
  name: 'Produce',
  key: 0,
  min: 8,
  max: 8,
  encode: (writer, _version, { topic, parts }) => {
    writer.string(null).int16(-1).int32(30_000);
    writer.array([topic], (w, name) =>
      w.string(name).array(parts, (p, { partition, batch }) => {
        p.int32(partition).bytes(batch);
      }),
    );
  },
  decode: (reader) =>
    reader
      .array((t) => {
        t.string();
        return t.array((p) => {
          const answer = { partition: p.int32(), error: p.int16(), baseOffset: p.int64() };
          p.int64(); // append time
          p.int64(); // log start
          p.array((e) => [e.int32(), e.string()]);
          p.string(); // error message
          return answer;
        });
      })
      .flat(),
};

/** Turns the text of record values into one batch of format v2, as fast as it goes. */
export class BatchWriter {
  #buffer = Buffer.allocUnsafe(1024 * 1024);
  #at = 61;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: string): void {
    const size = value.length;
    if (this.#at + size + 40 > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
      this.#buffer.copy(larger, 0, 0, this.#at);
      this.#buffer = larger;
    }
    const delta = this.#count++;
    // attributes, timestamp delta 0, offset delta, null key, value, no headers
    this.#varint(1 + 1 + varintSize(delta) + 1 + varintSize(size) + size + 1);
    this.#buffer[this.#at++] = 0;
    this.#buffer[this.#at++] = 0;
    this.#varint(delta);
    this.#buffer[this.#at++] = 1;
    this.#varint(size);
    this.#at += this.#buffer.write(value, this.#at, 'latin1');
    this.#buffer[this.#at++] = 0;
  }

  /** The batch so far; empty again afterwards. */
  take(timestamp: number): Buffer {
    const batch = Buffer.alloc(this.#at);
    this.#buffer.copy(batch, 61, 61, this.#at);
    batch.writeInt32BE(batch.length - 12, 8);
    batch.writeInt32BE(-1, 12);
    batch.writeInt8(2, 16);
    batch.writeInt32BE(this.#count - 1, 23);
    batch.writeBigInt64BE(BigInt(timestamp), 27);
    batch.writeBigInt64BE(BigInt(timestamp), 35);
    batch.writeBigInt64BE(-1n, 43);
    batch.writeInt16BE(-1, 51);
    batch.writeInt32BE(-1, 53);
    batch.writeInt32BE(this.#count, 57);
    batch.writeUInt32BE(crc32c(batch, 21), 17);
    this.#at = 61;
    this.#count = 0;
    return batch;
  }

  #varint(value: number): void {
    let raw = value * 2;
    while (raw > 0x7f) {
      this.#buffer[this.#at++] = (raw & 0x7f) | 0x80;
      raw >>>= 7;
    }
    this.#buffer[this.#at++] = raw;
  }
}

const varintSize = (value: number): number => (value < 64 ? 1 : value < 8192 ? 2 : value < 1_048_576 ? 3 : 4);

export interface FillOptions {
  brokers: readonly string[];
  topic: string;
  partitions: number;
  /** Records of one batch. */
  batch?: number;
}

/**
 * Writes values to the partitions in turn, a batch at a time; a topic's `compression.type` has the broker pack them.
 * `nthValue` gives the n-th value of a partition, of ASCII characters, or undefined when there are no more.
 */
export async function fill(
  { brokers, topic, partitions, batch = 2000 }: FillOptions,
  nthValue: (partition: number, n: number) => string | undefined,
): Promise<number> {
  const cluster = new KafkaCluster({ brokers, clientId: 'fill', deadlineMs: 60_000, callMs: 30_000 });
  let written = 0;
  try {
    // A leader that was just elected may not know of it yet; it refuses until then, as it does for offsets.
    await topicOffsets(cluster, topic);
    const { leaders } = await cluster.layout(topic);
    const next = new Array<number>(partitions).fill(0);
    const open = new Set(next.keys());
    const writer = new BatchWriter();
    const inFlight: Promise<void>[] = [];
    while (open.size > 0) {
      for (const partition of open) {
        for (let value = nthValue(partition, next[partition]!); value !== undefined; ) {
          writer.add(value);
          next[partition]!++;
          if (writer.count === batch) break;
          value = nthValue(partition, next[partition]!);
        }
        if (writer.count < batch) open.delete(partition);
        if (writer.count === 0) continue;
        written += writer.count;
        // An old time would have the broker's retention delete it soon.
        const parts = [{ partition, batch: writer.take(Date.now()) }];
        const connection = await cluster.node(leaders.get(partition)!);
        const sent = connection.call(produce, { topic, parts }, { ms: 30_000 }).then((answers) => {
          const wrong = answers.find(({ error }) => error !== 0);
          if (wrong) throw new Error(`Produce answered ${wrong.error}`);
        });
        sent.catch(() => {});
        inFlight.push(sent);
        if (inFlight.length >= 8) await inFlight.shift();
      }
    }
    await Promise.all(inFlight);
    return written;
  } finally {
    cluster.close();
  }
}
