import { openLog } from '../../client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../../client/kafka/log/offsets.js';
import { deleteRecordsBefore } from '../../client/kafka/write/admin.js';
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
    deleteBefore: (ends) => deleteRecordsBefore(topic, ends, options),
  };
}
