import type { KafkaCluster } from '../protocol/cluster.js';
import { Rounds } from '../protocol/rounds.js';
import { partitionsOf, producersOf } from './open-producers.js';
import { type ProducerIdentity, producerIdentities } from './producer-identities.js';

export interface TransactionalProducers {
  /** Those that the leaders remember (a day by default) and whose transactional ids the coordinators know. */
  producers: ProducerIdentity[];
  /** What could not be had, a line each. */
  reasons: string[];
}

/** Who has written to a topic in transactions, and is not forgotten. Needs Kafka 3.0. @throws the cluster signal's reason */
export async function transactionalProducers(cluster: KafkaCluster, topic: string): Promise<TransactionalProducers> {
  const rounds = new Rounds(cluster, cluster.clock.mono() + cluster.deadlineMs);
  const partitions = await partitionsOf(rounds, topic);
  if ('trouble' in partitions) return { producers: [], reasons: [partitions.trouble.message] };
  const answers = [...(await producersOf(rounds, topic, partitions.value)).values()];
  const ids = answers.flatMap((answer) => ('value' in answer ? answer.value.map(({ producerId }) => producerId) : []));
  const reasons = answers.flatMap((answer) => ('trouble' in answer ? [answer.trouble.message] : []));
  const known = await producerIdentities(cluster, topic, [...new Set(ids)]);
  // One without transactions has an id that no coordinator knows.
  return {
    producers: known.filter(({ transactionalId }) => transactionalId !== undefined),
    reasons: [...new Set(reasons)],
  };
}
