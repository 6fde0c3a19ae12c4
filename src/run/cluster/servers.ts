import { createHttp } from '../../client/http.js';
import { type PartitionPlace, partitionPlaces } from '../../client/kafka/write/admin.js';
import { serverMode } from '../../client/zookeeper/four-letter.js';
import { FlinchError } from '../../core/error.js';
import type { Cluster, ClusterNode, Servers } from '../../target/ports.js';

/** Milliseconds for one answer. */
const ANSWER_TIME = 5_000;

/**
 * The servers beside Flink, each asked for itself.
 * @param topics those whose leaders count; none when no job is known
 */
export function askServers({ nodes, endpoints }: Cluster, topics: readonly string[]): Servers {
  const named = (name: string): ClusterNode => {
    const node = nodes.find((it) => it.name === name);
    if (!node) throw new FlinchError('INTERNAL', { what: 'no such node', on: name });
    return node;
  };
  const mode = ({ host, ports }: ClusterNode, signal: AbortSignal) =>
    serverMode(`${host}:${ports.client}`, { timeoutMs: ANSWER_TIME, signal });
  const places = (brokers: readonly string[], signal: AbortSignal) =>
    partitionPlaces({ brokers, clientId: 'flinch-servers', deadlineMs: ANSWER_TIME, signal });
  return {
    zookeeperMode: (node, signal) => mode(named(node), signal),

    async partitionsLed(signal) {
      const { partitions } = await places(endpoints.brokers, signal);
      const led: Record<string, number> = {};
      for (const { topic, leader } of partitions) {
        const broker = nodes.find(({ role, host }) => role === 'broker' && host === leader)?.name;
        if (broker !== undefined && topics.includes(topic)) led[broker] = (led[broker] ?? 0) + 1;
      }
      return led;
    },

    async serving(name, signal) {
      const node = named(name);
      if (node.role === 'zookeeper') return `${name} answers that it is ${await mode(node, signal)}`;
      if (node.role === 'gateway') {
        await answers(endpoints.gateway, signal);
        return `${name} answers`;
      }
      const { brokers, partitions } = await places([`${node.host}:${node.ports.client}`], signal);
      return brokers.includes(node.host) ? inSync(name, node.host, partitions) : undefined;
    },
  };
}

/** A broker that is back has all partitions of its own again; nobody leads one whose replicas are all still away. */
function inSync(name: string, host: string, partitions: readonly PartitionPlace[]): string | undefined {
  const own = partitions.filter(({ replicas }) => replicas.includes(host));
  if (!own.every(({ inSync: hosts, leader }) => hosts.includes(host) && leader !== undefined)) return undefined;
  return `${name} is in sync with all its ${own.length} partitions`;
}

async function answers(gateway: string, signal: AbortSignal): Promise<void> {
  const http = createHttp({ code: 'SQL_GATEWAY' });
  try {
    await http.getJson(`${gateway}/info`, () => undefined, { timeoutMs: ANSWER_TIME, signal });
  } finally {
    http.close();
  }
}
