import type { FlinchError } from '../../../core/error.js';
import { KafkaCluster, type KafkaOptions } from '../protocol/cluster.js';
import type { RecordView } from '../records/record-batch.js';
import { verifyContinuity } from './continuity.js';
import { type CountOptions, countLog, type PartitionCount } from './count-log.js';
import { type GroupOffset, groupOffsets } from './group-offsets.js';
import { type PartitionOffsets, topicOffsets } from './offsets.js';
import { type OpenTransactions, openTransactions } from './open-transactions.js';
import { type ProducerIdentity, producerIdentities } from './producer-identities.js';
import { type PartitionOutcome, type ReadOptions, readLog } from './read-log.js';
import { LOOK_MS, type TailLook, type TailOptions, tailLog } from './tail-log.js';
import { type TransactionalProducers, transactionalProducers } from './transactional-producers.js';

/** Reads topics by explicit partitions, without a consumer group: a log as it is, up to ends fixed at the start. */
export interface LogReader {
  /** Partition numbers, ascending, once each has a leader. @throws FlinchError KAFKA_WIRE */
  partitions(topic: string): Promise<number[]>;
  /** @throws FlinchError KAFKA_WIRE */
  offsets(topic: string): Promise<PartitionOffsets[]>;
  /**
   * Hands over the records of each partition in offset order, up to the ends in `bounds` (asked for when not given).
   * What could not be read is in the outcome's `error`. @throws FlinchError KAFKA_WIRE when the ends cannot be had.
   */
  read(
    topic: string,
    options: ReadOptions & { bounds?: readonly PartitionOffsets[] },
    onRecord: (record: RecordView) => void,
  ): Promise<PartitionOutcome[]>;
  /**
   * Counts the records of each partition by the headers of its batches, up to the high watermark in `bounds` (asked for
   * when not given). @throws FlinchError KAFKA_WIRE when the ends cannot be had.
   */
  count(topic: string, options?: CountOptions & { bounds?: readonly PartitionOffsets[] }): Promise<PartitionCount[]>;
  /** What a consumer group has committed for each partition of a topic. @throws FlinchError KAFKA_WIRE */
  groupOffsets(group: string, topic: string): Promise<GroupOffset[]>;
  /** Follows the committed end of the topic until the signal is aborted; returns then. */
  tailCommitted(topic: string, options: TailOptions, onLook: (look: TailLook) => void): Promise<void>;
  /** What befell the log of each partition below the offsets that it had then; empty when nothing did. */
  changedSince(topic: string, then: readonly PartitionOffsets[]): Promise<FlinchError[]>;
  /** What holds back the last stable offset of each partition; what could not be had is its `reason`. */
  openTransactions(topic: string): Promise<OpenTransactions>;
  /** The transactional ids behind producer ids; what could not be had is its `reason`. */
  producers(topic: string, producerIds: readonly number[]): Promise<ProducerIdentity[]>;
  /** Who has written to the topic in transactions, as far as brokers remember. */
  transactionalProducers(topic: string): Promise<TransactionalProducers>;
  /** Whether the signal given at the start was aborted. */
  readonly aborted: boolean;
  close(): void;
}

/** Connects lazily; `close` ends every connection at once. */
export function openLog(options: KafkaOptions): LogReader {
  const cluster = new KafkaCluster(options);
  return {
    partitions: async (topic) => [...(await cluster.layout(topic)).leaders.keys()],
    offsets: (topic) => topicOffsets(cluster, topic),
    read: async (topic, { bounds, ...read }, onRecord) =>
      readLog(cluster, topic, bounds ?? (await topicOffsets(cluster, topic)), read, onRecord),
    count: async (topic, { bounds, ...count } = {}) =>
      countLog(cluster, topic, bounds ?? (await topicOffsets(cluster, topic)), count),
    groupOffsets: (group, topic) => groupOffsets(cluster, group, topic),
    tailCommitted: async (topic, tail, onLook) => {
      // Connections of its own: a fetch that waits for data would hold up every other call on the same one.
      const signal = options.signal ? AbortSignal.any([options.signal, tail.signal]) : tail.signal;
      const own = new KafkaCluster({ ...options, deadlineMs: tail.lookMs ?? LOOK_MS, signal });
      try {
        await tailLog(own, topic, { ...tail, signal }, onLook);
      } finally {
        own.close();
      }
    },
    changedSince: async (topic, then) => [...(await verifyContinuity(cluster, topic, then)).values()],
    openTransactions: (topic) => openTransactions(cluster, topic),
    transactionalProducers: (topic) => transactionalProducers(cluster, topic),
    producers: (topic, producerIds) => producerIdentities(cluster, topic, producerIds),
    get aborted() {
      return options.signal?.aborted === true;
    },
    close: () => cluster.close(),
  };
}
