import { openLog } from '../../client/kafka/log/log-reader.js';
import type { KafkaSecurity } from '../../client/kafka/protocol/security.js';
import { brokerSetting, partitionPlaces } from '../../client/kafka/write/admin.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { KafkaFacts } from '../subject.js';

/** Milliseconds for one question to the brokers. */
const ASKED_WITHIN = 10_000;
/** Where brokers keep what they know of transactions. */
const TRANSACTIONS = '__transaction_state';

export interface KafkaToExamine {
  /** host:port of some brokers. */
  brokers: readonly string[];
  /** Those that the job writes to or reads from. */
  topics: readonly string[];
  security?: KafkaSecurity | undefined;
}

/**
 * What brokers say of topics, of those who write to them in transactions, and of transactions. What could not be asked is in
 * `problems`, a line each, and then not known. @throws FlinchError KAFKA_WIRE for a topic that is not there; the signal's reason
 */
export async function kafkaFacts(
  { brokers, topics, security }: KafkaToExamine,
  signal: AbortSignal,
): Promise<{ kafka: KafkaFacts; problems: string[] }> {
  const options = {
    brokers,
    clientId: 'flinch-doctor',
    deadlineMs: ASKED_WITHIN,
    signal,
    ...(security && { security }),
  };
  const { partitions } = await partitionPlaces(options);
  const replicas: Record<string, number> = {};
  for (const { topic, replicas: on } of partitions) {
    if (topic !== TRANSACTIONS && !topics.includes(topic)) continue;
    replicas[topic] = Math.min(replicas[topic] ?? Number.POSITIVE_INFINITY, on.length);
  }
  const missing = topics.filter((topic) => replicas[topic] === undefined);
  if (missing.length > 0) {
    const todo = 'check its name, and that you may describe it';
    throw new FlinchError('KAFKA_WIRE', {
      what: `there is no topic ${missing.join(', ')}`,
      on: `brokers ${brokers}`,
      todo,
    });
  }
  const problems: string[] = [];
  const most = await brokerSetting('transaction.max.timeout.ms', options).then(
    (of) => Object.values(of).flatMap((value) => (value === null ? [] : [Number(value)])),
    (error) => {
      signal.throwIfAborted();
      problems.push(`the longest transaction that brokers grant: ${messageOf(error)}`);
      return [];
    },
  );
  const reader = openLog(options);
  try {
    const asked = await Promise.all(topics.map((topic) => reader.transactionalProducers(topic)));
    problems.push(...asked.flatMap(({ reasons }) => reasons.map((it) => `who writes in transactions: ${it}`)));
    const timeouts = asked.flatMap(({ producers }) => producers.flatMap((it) => it.timeoutMs ?? []));
    const kafka: KafkaFacts = {
      replicas,
      ...(most.length > 0 && { transactionMaxTimeout: Math.min(...most) }),
      ...(timeouts.length > 0 && { transactionTimeout: Math.min(...timeouts) }),
    };
    return { kafka, problems };
  } finally {
    reader.close();
  }
}
