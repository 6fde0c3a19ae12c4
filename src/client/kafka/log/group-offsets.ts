import { findCoordinator } from '../apis/find-coordinator.js';
import { offsetFetch } from '../apis/offset-fetch.js';
import { Final, type KafkaCluster } from '../protocol/cluster.js';
import { errorName, isPassing, wireError } from '../protocol/error-codes.js';

export interface GroupOffset {
  partition: number;
  /** The next offset that the group would read; absent where it has committed none. */
  offset?: number;
}

/**
 * What a consumer group has committed for each partition of a topic, from its coordinator. A group that nobody knows has
 * committed nothing. Needs Describe on both. @throws FlinchError KAFKA_WIRE; the cluster signal's reason.
 */
export function groupOffsets(cluster: KafkaCluster, group: string, topic: string): Promise<GroupOffset[]> {
  return cluster.retry(`the offsets of group ${group}`, async () => {
    const { leaders } = await cluster.layout(topic);
    const limits = { ms: cluster.callMs, signal: cluster.signal };
    // Whoever leads a partition is a broker that is there to be asked.
    const asked = await cluster.node(leaders.get(0) ?? [...leaders.values()][0] ?? -1);
    const found = await asked.call(findCoordinator, { group }, limits);
    refuse('FindCoordinator', found.error, `group ${group} (${asked.address})`);
    const coordinator = await cluster.node(found.node);
    const request = { group, topic, partitions: [...leaders.keys()] };
    const { error, partitions } = await coordinator.call(offsetFetch, request, limits);
    refuse('OffsetFetch', error, `group ${group} (${coordinator.address})`);
    return request.partitions.map((partition) => {
      const answer = partitions.find((entry) => entry.partition === partition);
      const on = `group ${group}, topic ${topic}, partition ${partition} (${coordinator.address})`;
      if (!answer) throw wireError('OffsetFetch answered without the partition', on);
      refuse('OffsetFetch', answer.error, on);
      return answer.offset < 0 ? { partition } : { partition, offset: answer.offset };
    });
  });
}

/** @throws FlinchError KAFKA_WIRE for what passes, Final for what does not. */
function refuse(api: string, error: number, on: string): void {
  if (error === 0) return;
  const refused = wireError(`${api} answered ${errorName(error)}`, on, GROUP_RIGHTS[error]);
  throw isPassing(error) ? refused : new Final(refused);
}

const GROUP_RIGHTS: Partial<Record<number, string>> = {
  29: 'it needs Describe on the topic',
  30: 'it needs Describe on the group',
};
