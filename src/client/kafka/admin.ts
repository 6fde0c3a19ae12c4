import { withDeadline } from '../../core/deadline.js';
import { messageOf } from '../../core/error.js';
import { wireError } from './error-codes.js';
import { openGuardedKafka } from './guarded-kafkajs.js';
import { openLog } from './log-reader.js';

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
  /** Milliseconds for the whole operation. */
  deadlineMs: number;
  signal?: AbortSignal;
}

/**
 * Creates topics and waits until every partition has a leader. A topic that exists already, with as many partitions,
 * is fine. @throws FlinchError KAFKA_WIRE, DEADLINE; the signal's reason.
 */
export async function createTopics(topics: readonly NewTopic[], options: AdminOptions): Promise<void> {
  const { brokers, clientId, deadlineMs, signal } = options;
  const on = `brokers ${brokers.join(', ')}`;
  const names = topics.map(({ name }) => name).join(', ');
  await withDeadline(
    `creating the topics ${names}`,
    deadlineMs,
    async (deadline) => {
      const guarded = await openGuardedKafka({ brokers, clientId, requestMs: 5000, awayMs: deadlineMs });
      deadline.addEventListener('abort', () => guarded.end(), { once: true });
      const admin = guarded.kafka.admin();
      try {
        await admin.connect();
        await admin.createTopics({
          // kafkajs' own wait fails on brokers that do not yet know the new topic.
          waitForLeaders: false,
          timeout: deadlineMs,
          topics: topics.map(({ name, partitions, replicationFactor, config = {} }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          })),
        });
      } catch (error) {
        deadline.throwIfAborted();
        throw wireError(`the topics ${names} could not be created: ${messageOf(error)}`, on, undefined, error);
      } finally {
        guarded.end();
      }
      const reader = openLog({ brokers, clientId, deadlineMs, signal: deadline });
      try {
        for (const { name, partitions } of topics) {
          const found = await reader.partitions(name);
          if (found.length === partitions) continue;
          throw wireError(`it has ${found.length} partitions, not ${partitions}`, `topic ${name}`, 'use another name');
        }
      } finally {
        reader.close();
      }
    },
    signal,
  );
}

/** Deletes topics; one that does not exist is fine. @throws FlinchError KAFKA_WIRE, DEADLINE; the signal's reason. */
export async function deleteTopics(names: readonly string[], options: AdminOptions): Promise<void> {
  const { brokers, clientId, deadlineMs, signal } = options;
  await withDeadline(
    `deleting the topics ${names.join(', ')}`,
    deadlineMs,
    async (deadline) => {
      const guarded = await openGuardedKafka({ brokers, clientId, requestMs: 5000, awayMs: deadlineMs });
      deadline.addEventListener('abort', () => guarded.end(), { once: true });
      const admin = guarded.kafka.admin();
      try {
        await admin.connect();
        const known = new Set(await admin.listTopics());
        const topics = names.filter((name) => known.has(name));
        if (topics.length > 0) await admin.deleteTopics({ topics, timeout: deadlineMs });
      } catch (error) {
        deadline.throwIfAborted();
        const what = `the topics ${names.join(', ')} could not be deleted: ${messageOf(error)}`;
        throw wireError(what, `brokers ${brokers.join(', ')}`, undefined, error);
      } finally {
        guarded.end();
      }
    },
    signal,
  );
}
