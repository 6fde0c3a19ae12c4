import type { IsolationLevel } from '../apis/api.js';
import { EARLIEST, LATEST, listOffsets } from '../apis/list-offsets.js';
import { Final, type KafkaCluster } from '../protocol/cluster.js';
import { errorName, isPassing, wireError } from '../protocol/error-codes.js';

export interface PartitionOffsets {
  partition: number;
  /** Epoch of the leadership under which the ends were had. */
  leaderEpoch: number;
  earliest: number;
  /** The end for read_committed: below it every transaction has ended. */
  lastStableOffset: number;
  /** The end for read_uncommitted. */
  highWatermark: number;
}

/**
 * The ends of every partition of a topic. The high watermark is asked for last, so it is never below the last stable
 * offset. @throws FlinchError KAFKA_WIRE
 */
export function topicOffsets(cluster: KafkaCluster, topic: string): Promise<PartitionOffsets[]> {
  return cluster.retry(`the offsets of topic ${topic}`, async () => {
    const { leaders, epochs } = await cluster.layout(topic);
    const nodes = [...new Set(leaders.values())];
    const perNode = await Promise.all(
      nodes.map(async (node) => {
        const partitions = [...leaders].filter(([, leader]) => leader === node).map(([partition]) => partition);
        const connection = await cluster.node(node);
        const ask = async (timestamp: typeof EARLIEST | typeof LATEST, isolation: IsolationLevel) => {
          const asked = partitions.map((partition) => ({ partition, leaderEpoch: epochs.get(partition) ?? -1 }));
          const request = { topic, partitions: asked, timestamp, isolation };
          const answer = await connection.call(listOffsets, request, { ms: cluster.callMs, signal: cluster.signal });
          return partitions.map((partition) => {
            const found = answer.find((entry) => entry.partition === partition);
            if (found?.error === 0) return found.offset;
            const error = wireError(
              `ListOffsets answered ${found ? errorName(found.error) : 'nothing'}`,
              `topic ${topic}, partition ${partition} (${connection.address})`,
            );
            throw found && !isPassing(found.error) ? new Final(error) : error;
          });
        };
        const earliest = await ask(EARLIEST, 'read_uncommitted');
        const stable = await ask(LATEST, 'read_committed');
        const high = await ask(LATEST, 'read_uncommitted');
        return partitions.map((partition, i) => ({
          partition,
          leaderEpoch: epochs.get(partition) ?? -1,
          earliest: earliest[i]!,
          lastStableOffset: stable[i]!,
          highWatermark: high[i]!,
        }));
      }),
    );
    return perNode.flat().sort((a, b) => a.partition - b.partition);
  });
}
