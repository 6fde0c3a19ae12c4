import type { KafkaCluster } from '../protocol/cluster.js';
import { Rounds } from '../protocol/rounds.js';
import { describedTransactions, transactionalIds } from './transaction-coordinators.js';

/** Who a producer is. */
export interface ProducerIdentity {
  producerId: number;
  /** Absent when no coordinator knows the producer, or it could not be asked. */
  transactionalId?: string;
  /** The coordinator's word for the id's last transaction: CompleteAbort, CompleteCommit, Ongoing, ... */
  state?: string;
  /** The transaction timeout of the id, in milliseconds. */
  timeoutMs?: number;
  /** Why the above could not be had. */
  reason?: string;
}

/**
 * The transactional ids behind producer ids, as the coordinators remember them (7 days by default). Needs Kafka 3.0 and
 * Describe on the transactional ids; what cannot be had is told, not thrown. @param topic any topic that may be described
 * @throws the cluster signal's reason
 */
export async function producerIdentities(
  cluster: KafkaCluster,
  topic: string,
  producerIds: readonly number[],
): Promise<ProducerIdentity[]> {
  const start = cluster.clock.mono();
  const listed = await transactionalIds(new Rounds(cluster, start + 0.6 * cluster.deadlineMs), topic, producerIds);
  const ids = [...listed.values()].flatMap((it) => ('value' in it && it.value !== null ? [it.value] : []));
  const described = await describedTransactions(new Rounds(cluster, start + cluster.deadlineMs), topic, new Set(ids));
  return producerIds.map((producerId): ProducerIdentity => {
    const id = listed.get(producerId);
    if (!id) return { producerId, reason: 'it was not asked' };
    if ('trouble' in id) return { producerId, reason: id.trouble.message };
    if (id.value === null) return { producerId, reason: 'no transaction coordinator knows it any more' };
    const transactionalId = id.value;
    const description = described.get(transactionalId);
    if (!description || 'trouble' in description) {
      return { producerId, transactionalId, reason: description?.trouble.message ?? 'it was not asked' };
    }
    const { state, timeoutMs } = description.value;
    return { producerId, transactionalId, state, timeoutMs };
  });
}
