import type { Look, PartitionRead } from './events.js';

/** Ends of a partition's log at one look. */
export interface PartitionEnds {
  partition: number;
  earliest: number;
  lastStableOffset: number;
  highWatermark: number;
}

/** Data records and control records between two offsets of a partition, by the headers of its batches. */
export interface PartitionCounted extends PartitionRead {
  committed: number;
  aborted: number;
  /** At or above the last stable offset. */
  undecided: number;
  control: number;
}

/** A transaction that holds back a partition's last stable offset. */
export interface HeldTransaction {
  partition: number;
  firstOffset: number;
  producerId: number;
  producerEpoch: number;
  transactionalId?: string;
  /** Of the transactional id, where it has the shape of Flink's Kafka sink. */
  prefix?: string;
  /** The coordinator's word. */
  state?: string;
  /** Milliseconds since it began, when it was looked at. */
  ageMs?: number;
  timeoutMs?: number;
  /** Proven that no coordinator will end it. */
  hanging?: true;
}

/** Why the committer of Flink's Kafka sink gave a transaction up. */
export type CommitFailure = 'fenced' | 'invalid-state' | 'unknown-producer' | 'other';

/** What offsets, metrics and logs tell beside the identities of records. */
export type OffsetEvent =
  /** Ends of the job's topics. */
  | ({ type: 'observed.topic'; of: 'input' | 'output'; partitions?: PartitionEnds[] } & Look)
  /** What the job's consumer group has committed of the input; without `offset` nothing. */
  | ({ type: 'observed.group'; group: string; partitions?: { partition: number; offset?: number }[] } & Look)
  /** What Flink's metrics tell of the source and the committer. Told when it has changed. */
  | ({
      type: 'observed.metrics';
      node: string;
      /** `current`: offset of the last record read. `committed`: what the group was told last. */
      source?: { partition: number; current?: number; committed?: number }[];
      /** Counters since the last restart, summed over subtasks. */
      committables?: Partial<Record<'total' | 'successful' | 'failed' | 'retried' | 'alreadyCommitted', number>>;
      /** Where `failed` is above 0: the counter of each subtask that has it. */
      failedOf?: { subtask: string; failed: number }[];
    } & Look)
  | {
      type: 'data.counted';
      of: 'input' | 'output';
      topic: string;
      complete: boolean;
      reason?: string;
      partitions: PartitionCounted[];
    }
  /** Journalled where the output's last stable offset was behind at the end. */
  | {
      type: 'data.open-transactions';
      topic: string;
      complete: boolean;
      reason?: string;
      transactions: HeldTransaction[];
    }
  /** From a TaskManager's log. `at`: wall milliseconds of its clock. */
  | {
      type: 'commit.failed';
      node: string;
      at: number;
      reason: CommitFailure;
      /** False where the committer failed its task, which is an exception for all to see. */
      silent: boolean;
      /** The connector says itself that it may be part of a recovery. */
      maybeHarmless?: true;
      transactionalId?: string;
      producerId?: number;
      producerEpoch?: number;
      /** The exception in one line. */
      cause?: string;
      /** As many more of this node are not journalled. */
      omitted?: number;
    }
  /** From a TaskManager's log: the source's position was no longer in the partition's log. */
  | {
      type: 'offset.reset';
      node: string;
      at: number;
      topic: string;
      partition: number;
      /** The offset that was to be read next. */
      from: number;
      /** Where reading went on, where the log tells. */
      to?: number;
    };
