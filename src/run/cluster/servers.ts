import { createHttp } from '../../client/http.js';
import { brokersOnDuty, type Duty } from '../../client/kafka/duties.js';
import { type PartitionPlace, partitionPlaces } from '../../client/kafka/write/admin.js';
import { serverMode } from '../../client/zookeeper/four-letter.js';
import { FlinchError } from '../../core/error.js';
import type { BrokerDuty, Cluster, ClusterNode, Servers } from '../../target/ports.js';

/** Milliseconds for one answer. */
const ANSWER_TIME = 5_000;
const NOT_OURS = 'a job that Flinch did not start: its consumer group and transactional ids are its own';

/** What Kafka knows the job by. */
export interface JobInKafka {
  topics: readonly string[];
  /** Absent where the job is somebody else's. */
  group?: string;
  transactionalIdPrefix?: string;
}

/** The servers beside Flink, each asked for itself. @param job undefined when none is known */
export function askServers({ nodes, endpoints }: Cluster, job: () => JobInKafka | undefined): Servers {
  const named = (name: string): ClusterNode => {
    const node = nodes.find((it) => it.name === name);
    if (!node) throw new FlinchError('INTERNAL', { what: 'no such node', on: name });
    return node;
  };
  const mode = (node: ClusterNode, signal: AbortSignal) =>
    serverMode(addressOf(node), { timeoutMs: ANSWER_TIME, signal });
  // By port as well: without namespaces all nodes are on one host.
  const brokerAt = (address: string | undefined) =>
    nodes.find((node) => node.role === 'broker' && addressOf(node) === address)?.name;
  const places = (brokers: readonly string[], signal: AbortSignal) =>
    partitionPlaces({ brokers, clientId: 'flinch-servers', deadlineMs: ANSWER_TIME, signal });
  return {
    zookeeperMode: (node, signal) => mode(named(node), signal),

    async partitionsLed(signal) {
      const { partitions } = await places(endpoints.brokers, signal);
      const led: Record<string, number> = {};
      for (const { topic, leader } of partitions) {
        const broker = brokerAt(leader);
        if (broker !== undefined && job()?.topics.includes(topic)) led[broker] = (led[broker] ?? 0) + 1;
      }
      return led;
    },

    async onDuty(duty, signal) {
      const { topics: [topic] = [], ...names } = job() ?? {};
      const meant = dutyOf(duty, names);
      if (topic === undefined || meant === undefined) {
        throw new FlinchError('FAULT_INJECT', { what: `the ${duty} of the job is not known`, on: NOT_OURS });
      }
      const options = { brokers: endpoints.brokers, clientId: 'flinch-servers', deadlineMs: ANSWER_TIME, signal };
      const found = await brokersOnDuty(meant, topic, options);
      return Object.fromEntries(Object.entries(found).map(([address, count]) => [brokerAt(address) ?? address, count]));
    },

    async serving(name, signal) {
      const node = named(name);
      if (node.role === 'zookeeper') return `${name} answers that it is ${await mode(node, signal)}`;
      if (node.role === 'gateway') {
        await answers(endpoints.gateway, signal);
        return `${name} answers`;
      }
      const { brokers, partitions } = await places([addressOf(node)], signal);
      return brokers.includes(addressOf(node)) ? inSync(name, addressOf(node), partitions) : undefined;
    },
  };
}

function dutyOf(duty: BrokerDuty, { group, transactionalIdPrefix }: Omit<JobInKafka, 'topics'>): Duty | undefined {
  if (duty === 'controller') return duty;
  if (duty === 'group-coordinator') return group === undefined ? undefined : { group };
  return transactionalIdPrefix === undefined ? undefined : { transactions: transactionalIdPrefix };
}

/** A broker that is back has all partitions of its own again; nobody leads one whose replicas are all still away. */
function inSync(name: string, broker: string, partitions: readonly PartitionPlace[]): string | undefined {
  const own = partitions.filter(({ replicas }) => replicas.includes(broker));
  if (!own.every(({ inSync: brokers, leader }) => brokers.includes(broker) && leader !== undefined)) return undefined;
  return `${name} is in sync with all its ${own.length} partitions`;
}

/** Where its clients find it. */
const addressOf = ({ host, ports }: ClusterNode): string => `${host}:${ports.client}`;

async function answers(gateway: string, signal: AbortSignal): Promise<void> {
  const http = createHttp({ code: 'SQL_GATEWAY' });
  try {
    await http.getJson(`${gateway}/info`, () => undefined, { timeoutMs: ANSWER_TIME, signal });
  } finally {
    http.close();
  }
}
