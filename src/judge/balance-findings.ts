import type { Extent } from '../core/extent.js';
import type { Range } from '../journal/events.js';

export interface BalanceExample {
  problem: 'lost' | 'duplicated' | 'unexpected' | 'altered' | 'reordered' | 'wrong state';
  /** Absent where records are not Flinch's own. */
  lane?: number;
  /** The identity of a record that is not Flinch's own, as people read it. */
  id?: string;
  /** Sequence numbers; one or a range. */
  sequences?: Range;
  partition?: number;
  offset?: number;
  /** Record timestamp, milliseconds since the epoch. */
  time?: number;
  /** Milliseconds from the first fault's taking effect to the record's time; negative before it. */
  sinceFault?: number;
  detail?: string;
}

/** Acknowledged records that the committed output lacks, which share a fate. */
export interface LossFinding {
  count: number;
  /** The first ranges of them. */
  first: { lane: number; sequences: Range }[];
  /**
   * Whether the output holds them uncommitted: pre-committed, but in a transaction that was aborted or is open; or
   * nowhere at all.
   */
  output: 'aborted' | 'open' | 'nowhere' | 'unknown';
  /** Who wrote that transaction. */
  producer?: { id: number; epoch: number; transactionalId?: string; timeoutMs?: number; reason?: string };
  /** Why the sink's committer gave that transaction up without failing the job, as its log says. */
  commitFailed?: string;
  /** Whether the input still holds them. */
  input: 'held' | 'gone' | 'unknown';
  /** When they were produced: milliseconds since the epoch. */
  firstTime?: number;
  lastTime?: number;
  /** Index of the fault in whose effective window, or before whose recovery, they were produced. */
  fault?: number;
  text: string;
}

export interface OpenTransaction {
  partition: number;
  lastStableOffset: number;
  highWatermark: number;
}

/** What is known of a job that is not Flinch's own, beside the rest of its balance. */
export interface AttachedBalance {
  source: string;
  sink: string;
  relation: string;
  /** Records that were due, of how many ids; and what the filter dropped. */
  sourceRecords: number;
  sourceIds: number;
  filteredRecords: number;
  /** Committed records of the sink within the window, and of how many ids. */
  sinkRecords: number;
  sinkIds: number;
  /** Of the lost ones, those that an aborted or open transaction holds. */
  lostYetUncommitted: number;
  shouldHaveBeenFiltered: Extent;
  /** Records that only read_uncommitted shows. */
  uncommittedOnly?: Extent;
  /** What counted: offsets of the source from when the job was steady, up to when draining began; and of the sink. */
  window: { of: 'source' | 'sink'; partition: number; from: number; to: number }[];
}

/** The totals that a job which is not Flinch's own keeps by group. */
export interface AggregatedBalance {
  source: string;
  sink: string;
  /** Committed records of the source that count, and those that the filter drops; committed records of the sink. */
  sourceRecords: number;
  filteredRecords: number;
  sinkRecords: number;
  /** Groups of either topic, and those that the sink has. */
  groups: number;
  sinkGroups: number;
  /** Groups whose totals contradicted the source before anything was broken; groups that cannot be judged. */
  wrongBefore: number;
  unclear: number;
  /** By invariant, as people read it: the groups seen to be wrong. */
  invariants: { text: string; wrong: number }[];
  /** What counted: offsets of both topics, from their beginnings on. */
  window: AttachedBalance['window'];
}

/** Counts of records by identity (lane and sequence, or as the scenario declares it), never by subtracting offsets. */
export interface Balance {
  /** `attached`: `attempted` and `acknowledged` are the records that were due: what is in a topic was acknowledged. */
  job: 'pass-through' | 'count' | 'attached';
  /** False when something was not read to its end or the job had not drained; `reasons` say what. */
  complete: boolean;
  reasons: string[];
  attempted: number;
  acknowledged: number;
  failed: number;
  unknown: number;
  /** Distinct expected records in the committed output; for `count` the sum of the final counts. */
  seen: Extent;
  /** The same in the read_uncommitted view, where it was read. */
  seenUncommitted?: number;
  /** Acknowledged, and not in the committed output. With `aggregated` not known, as all by identity is not. */
  lost: Extent;
  /** Extra occurrences in the committed output. */
  duplicated: Extent;
  /** In the committed output though never attempted, not readable as a record of ours, or altered. */
  unexpected: Extent;
  /** Of the unexpected ones, those of our shape that the producer cannot have written so. */
  altered?: Extent;
  /** That first lie behind a higher one of their lane in the committed output, and did not in the input. */
  reordered?: Extent;
  /** The send's outcome was unknown, yet the record is there: fine. */
  recovered: Extent;
  /** The send failed for certain, yet the record is there. */
  failedYetSeen: Extent;
  /** Updates of the `count` job that contradict its input; with `aggregated` the groups that do. */
  wrongState?: Extent;
  /** Extra occurrences only in the read_uncommitted view: what aborted transactions leave behind, fine. */
  duplicatedUncommittedOnly?: number;
  /** Of the lost ones, those that the input topic does not hold either: lost before Flink. */
  lostBeforeFlink?: number;
  /** The missing ones by what became of them. */
  losses?: LossFinding[];
  /** Partitions whose last stable offset is behind the high watermark at the end. */
  openTransactions: OpenTransaction[];
  examples: BalanceExample[];
  /** Of a job that is not Flinch's own. */
  attached?: AttachedBalance;
  /** Of one that writes totals by group; instead of `attached`. */
  aggregated?: AggregatedBalance;
}
