import kafkajs, { type Admin, type Kafka, type Producer, type Transaction } from 'kafkajs';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { TestBrokers } from './brokers.js';

export interface Begun {
  transaction: Transaction;
  /** First offset by partition. */
  offsets: Map<number, number>;
  timeout: number;
  /** Wall clock before and after the transaction began. */
  between: [number, number];
}

/** Transactional producers of one test. */
export function stage(brokers: TestBrokers) {
  const kafka: Kafka = new kafkajs.Kafka({
    brokers: brokers.bootstrap,
    clientId: 'test',
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 40, initialRetryTime: 100, maxRetryTime: 500 },
  });
  const admin: Admin = kafka.admin();
  const producers: Producer[] = [];
  const reader: LogReader = openLog({ brokers: brokers.bootstrap, clientId: 'test', deadlineMs: 40_000 });
  return {
    admin,
    reader,
    create: async (topic: string, numPartitions: number) => {
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions }] });
      await reader.partitions(topic);
    },
    /** Begins a transaction and writes into each of these partitions. */
    begin: async (topic: string, transactionalId: string, partitions: number[], timeout = 600_000): Promise<Begun> => {
      const options = { transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout: timeout };
      const producer = kafka.producer(options);
      producers.push(producer);
      await producer.connect();
      const transaction = await producer.transaction();
      const offsets = new Map<number, number>();
      const before = Date.now();
      for (const partition of partitions) {
        const messages = [{ value: transactionalId, partition }];
        const [sent] = await transaction.send({ topic, messages });
        offsets.set(partition, Number(sent?.baseOffset));
      }
      return { transaction, offsets, timeout, between: [before, Date.now()] };
    },
    end: async () => {
      reader.close();
      for (const producer of producers) await producer.disconnect().catch(() => {});
      await admin.disconnect().catch(() => {});
    },
  };
}
