import type { Api } from './apis/api.js';
import { describeQuorum } from './apis/describe-quorum.js';
import { findCoordinator } from './apis/find-coordinator.js';
import { listTransactions } from './apis/list-transactions.js';
import { Final, KafkaCluster, type KafkaOptions } from './protocol/cluster.js';
import { errorName, wireError } from './protocol/error-codes.js';

/** What one broker does for all: it coordinates transactions or a consumer group, or it is the active controller. */
export type Duty = { transactions: string } | { group: string } | 'controller';

/** States of a transaction that its coordinator still has to end. */
const UNENDED = ['Ongoing', 'PrepareCommit', 'PrepareAbort'];

/**
 * Who has a duty: by address (host:port) of the broker, for how much. For transactions that is how many, of ids with the
 * prefix, are not ended yet; for a group and the controller it is 1.
 * @param topic any that exists: whoever leads it is a broker that is there to be asked
 * @throws FlinchError KAFKA_WIRE; the signal's reason
 */
export async function brokersOnDuty(
  duty: Duty,
  topic: string,
  options: KafkaOptions,
): Promise<Readonly<Record<string, number>>> {
  const cluster = new KafkaCluster(options);
  try {
    return await cluster.retry('who coordinates', async () => {
      const { brokers } = await cluster.look(topic);
      const one = (node: number): Record<string, number> => {
        const broker = brokers.find((it) => it.node === node);
        if (!broker) throw wireError(`nobody is known as node ${node}`, `brokers ${options.brokers}`);
        return { [`${broker.host}:${broker.port}`]: 1 };
      };
      const [first] = brokers;
      if (!first) throw wireError('the metadata names no broker', `brokers ${options.brokers}`);
      if (duty === 'controller') return one((await asked(cluster, first.node, describeQuorum, {})).leader);
      if ('group' in duty) return one((await asked(cluster, first.node, findCoordinator, { group: duty.group })).node);
      const counts = await Promise.all(
        brokers.map(async ({ node, host, port }) => {
          const { transactions } = await asked(cluster, node, listTransactions, { states: UNENDED });
          const own = transactions.filter(({ transactionalId }) => transactionalId.startsWith(duty.transactions));
          return [`${host}:${port}`, own.length] as const;
        }),
      );
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    });
  } finally {
    cluster.close();
  }
}

async function asked<Request, Response extends { error: number }>(
  cluster: KafkaCluster,
  node: number,
  api: Api<Request, Response>,
  request: Request,
): Promise<Response> {
  const connection = await cluster.node(node);
  if (connection.versionOf(api) === undefined) {
    throw new Final(wireError(`the broker does not offer ${api.name}`, connection.address, 'see its version'));
  }
  const answer = await connection.call(api, request, { ms: cluster.callMs, signal: cluster.signal });
  if (answer.error === 0) return answer;
  throw wireError(`${api.name} answered ${errorName(answer.error)}`, connection.address);
}
