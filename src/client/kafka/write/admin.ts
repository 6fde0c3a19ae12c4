import type { Admin } from 'kafkajs';
import { withDeadline } from '../../../core/deadline.js';
import { messageOf } from '../../../core/error.js';
import { openLog } from '../log/log-reader.js';
import { wireError } from '../protocol/error-codes.js';
import { isAuthError, type KafkaSecurity } from '../protocol/security.js';
import { openGuardedKafka } from './guarded-kafkajs.js';

export interface NewTopic {
  name: string;
  partitions: number;
  replicationFactor: number;
  /** Topic configuration, names and values as Kafka writes them. */
  config?: Readonly<Record<string, string>>;
}

export interface AdminOptions {
  brokers: readonly string[];
  clientId: string;
  /** Milliseconds for the operation, and as many again for waiting until it shows. */
  deadlineMs: number;
  signal?: AbortSignal;
  security?: KafkaSecurity;
}

/**
 * Creates topics and waits until every partition has a leader. A topic that exists already, with as many partitions,
 * is fine. @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, DEADLINE; the signal's reason.
 */
export async function createTopics(topics: readonly NewTopic[], options: AdminOptions): Promise<void> {
  await administer(`creating the topics ${topics.map(({ name }) => name).join(', ')}`, options, (admin) =>
    admin.createTopics({
      // kafkajs' own wait fails on brokers that do not yet know the new topic.
      waitForLeaders: false,
      timeout: options.deadlineMs,
      topics: topics.map(({ name, partitions, replicationFactor, config = {} }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
      })),
    }),
  );
  const reader = openLog(options);
  try {
    for (const { name, partitions } of topics) {
      const found = await reader.partitions(name);
      if (found.length === partitions) continue;
      throw wireError(`it has ${found.length} partitions, not ${partitions}`, `topic ${name}`, 'use another name');
    }
  } finally {
    reader.close();
  }
}

/** Deletes topics; one that does not exist is fine. @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, DEADLINE; the signal's reason. */
export async function deleteTopics(names: readonly string[], options: AdminOptions): Promise<void> {
  await administer(`deleting the topics ${names.join(', ')}`, options, async (admin) => {
    const known = new Set(await admin.listTopics());
    const topics = names.filter((name) => known.has(name));
    if (topics.length > 0) await admin.deleteTopics({ topics, timeout: options.deadlineMs });
  });
}

/**
 * Deletes the records of a topic that lie before these offsets, by partition.
 * @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, DEADLINE; the signal's reason.
 */
export async function deleteRecordsBefore(
  topic: string,
  offsets: ReadonlyMap<number, number>,
  options: AdminOptions,
): Promise<void> {
  const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
  await administer(`deleting records of ${topic}`, options, async (admin) => {
    // kafkajs takes the leaders from what it knows, and a new client knows none.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

/** A resource type, as the protocol numbers it. */
const BROKER = 4;

async function administer(
  what: string,
  { brokers, clientId, deadlineMs, signal, security }: AdminOptions,
  work: (admin: Admin) => Promise<unknown>,
): Promise<void> {
  await withDeadline(
    what,
    deadlineMs,
    async (deadline) => {
      const guarded = await openGuardedKafka({ brokers, clientId, requestMs: 5000, awayMs: deadlineMs, security });
      deadline.addEventListener('abort', () => guarded.end(), { once: true });
      const admin = guarded.kafka.admin();
      try {
        await guarded.unlessRefused(admin.connect().then(() => work(admin)));
      } catch (error) {
        deadline.throwIfAborted();
        if (isAuthError(error)) throw error;
        throw wireError(`${what} failed: ${messageOf(error)}`, `brokers ${brokers.join(', ')}`, undefined, error);
      } finally {
        guarded.end();
      }
    },
    signal,
  );
}

/** One partition, and the addresses (host:port) of its brokers; `leader` is undefined while there is none. */
export interface PartitionPlace {
  topic: string;
  partition: number;
  leader?: string | undefined;
  replicas: string[];
  inSync: string[];
}

/**
 * Where every partition of the cluster is, of all topics; and the addresses of all brokers that are there.
 * @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, DEADLINE; the signal's reason.
 */
export async function partitionPlaces(
  options: AdminOptions,
): Promise<{ brokers: string[]; partitions: PartitionPlace[] }> {
  let found: { brokers: string[]; partitions: PartitionPlace[] } | undefined;
  await administer('asking where the partitions are', options, async (admin) => {
    const [{ brokers }, { topics }] = await Promise.all([admin.describeCluster(), admin.fetchTopicMetadata()]);
    const addresses = new Map(brokers.map(({ nodeId, host, port }) => [nodeId, `${host}:${port}`]));
    const addressesOf = (ids: readonly number[]) => ids.map((id) => addresses.get(id) ?? `broker ${id}`);
    found = {
      brokers: [...addresses.values()],
      partitions: topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(({ partitionId: partition, leader, replicas, isr }) => ({
          topic,
          partition,
          leader: addresses.get(leader),
          replicas: addressesOf(replicas),
          inSync: addressesOf(isr),
        })),
      ),
    };
  });
  return found ?? { brokers: [], partitions: [] };
}

/**
 * One setting of every broker, as each has it now, by address (host:port); null where it has none of that name.
 * @throws FlinchError KAFKA_WIRE, KAFKA_AUTH, DEADLINE; the signal's reason.
 */
export async function brokerSetting(name: string, options: AdminOptions): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {};
  await administer(`asking the brokers for ${name}`, options, async (admin) => {
    const { brokers } = await admin.describeCluster();
    const resources = brokers.map(({ nodeId }) => ({ type: BROKER, name: `${nodeId}`, configNames: [name] }));
    const answer = await admin.describeConfigs({ resources, includeSynonyms: false });
    for (const { resourceName, configEntries } of answer.resources) {
      const broker = brokers.find(({ nodeId }) => `${nodeId}` === resourceName);
      const entry = configEntries.find((it) => it.configName === name);
      if (broker) found[`${broker.host}:${broker.port}`] = entry?.configValue ?? null;
    }
  });
  return found;
}
