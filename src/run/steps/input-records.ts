import { openLog } from '../../client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { deleteRecordsBefore } from '../../client/kafka/write/admin.js';
import { PartitionProducer } from '../../client/kafka/write/partition-producer.js';
import { FlinchError } from '../../core/error.js';
import type { InputRecords } from '../../target/ports.js';

/** Milliseconds for one look, and for a deletion. */
const WITHIN = 15_000;

/** What the input of the job holds, and how it is deleted. */
export function inputRecords(
  topic: string,
  { run, brokers, signal }: { run: string; brokers: readonly string[]; signal: AbortSignal },
): InputRecords {
  const options = { brokers, clientId: `${run}-input`, deadlineMs: WITHIN, signal };
  const offsets = async (of: (at: PartitionOffsets) => number): Promise<Map<number, number>> => {
    const reader = openLog(options);
    try {
      return new Map((await reader.offsets(topic)).map((at) => [at.partition, of(at)]));
    } finally {
      reader.close();
    }
  };
  return {
    topic,
    starts: () => offsets(({ earliest }) => earliest),
    ends: () => offsets(({ highWatermark }) => highWatermark),
    async append(partition, value) {
      const producer = new PartitionProducer({ ...options, topic, partition, requestMs: WITHIN, sendMs: WITHIN });
      try {
        await producer.connect(WITHIN, signal);
        const sent = await producer.send([{ key: '', value, timestamp: Date.now() }], signal);
        if (sent.state === 'acknowledged') return;
        throw new FlinchError('KAFKA_WIRE', { what: `a record is ${sent.state}: ${sent.reason}`, on: topic });
      } finally {
        producer.end();
      }
    },
    deleteBefore: (ends) => deleteRecordsBefore(topic, ends, options),
  };
}
