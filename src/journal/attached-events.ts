import type { Extent } from '../core/extent.js';
import type { InvariantSpec } from '../core/record-spec.js';
import type { Look } from './events.js';

/** Ends of a partition at a moment. */
export interface EndsRecord {
  partition: number;
  leaderEpoch: number;
  earliest: number;
  lastStableOffset: number;
  highWatermark: number;
}

/** Where a record of a topic lies that is not of Flinch's making. `timestamp`: milliseconds since the epoch. */
export interface ForeignPlace {
  partition: number;
  offset: number;
  timestamp: number;
}

/** One topic of a reconciliation. */
export interface ReconciledSide {
  topic: string;
  /** Committed data records that were read, and those that only read_uncommitted shows. */
  records: number;
  uncommitted: number;
  /** By partition: what counts is [from, to), what was read is [before, behind). */
  partitions: { partition: number; before: number; from: number; to: number; behind: number }[];
  /** Records without an identity, and the first of them. */
  unjudged: number;
  examples: (ForeignPlace & { reason: string })[];
}

/** A record that is not as it should be; `id` as people read it, then how often it is where. */
export interface ReconciledExample {
  problem: 'lost' | 'duplicated' | 'unexpected' | 'shouldHaveBeenFiltered' | 'uncommittedOnly';
  id: string;
  source: number;
  filtered: number;
  sink: number;
  uncommitted: number;
  places: Partial<Record<'source' | 'sink' | 'repeat' | 'uncommitted', ForeignPlace>>;
}

/** A group whose totals are not what the source comes to: at the end, or already when the window began. */
export interface AggregatedExample {
  problem: 'wrong' | 'wrongBefore';
  /** Its identity as people read it. */
  group: string;
  /** The invariant; absent where only one of the topics has the group. */
  invariant?: InvariantSpec['kind'];
  /** Numbers as people read them, exact; a range where records were on their way. */
  expected: string;
  found: string;
  /** The record of the sink. */
  place?: ForeignPlace;
}

/** What only runs on a job that is not Flinch's own journal. */
export type AttachedEventBody =
  /** A job that ran before, and goes on. */
  | {
      type: 'job.attached';
      jobId: string;
      name: string;
      source: string;
      sink: string;
      /** Milliseconds between its checkpoints, and their mode, as Flink has them. */
      checkpoints: number;
      mode: string;
    }
  /** It goes on under another id: the operator of Flink has started it from nothing, as another job of the same name. */
  | { type: 'job.followed'; jobId: string; name: string; before: string }
  /**
   * The ends of an attached job's topics, the sink's asked for first: `attached` when the job was found, `begun` from
   * where on records count, `ended` up to where they do at the source, `drained` when they had come out.
   */
  | {
      type: 'window.marked';
      mark: 'attached' | 'begun' | 'ended' | 'drained';
      source: EndsRecord[];
      sink: EndsRecord[];
      /** Of `begun`: whether the job was seen to have worked off all that was there at `attached`. */
      settled?: boolean;
      /** Of `drained`: why records may still have been on their way. */
      undrained?: string;
    }
  /** A look at the source of an attached job: committed records that it found, and found since the start. */
  | ({ type: 'observed.source'; records: number; total: number } & Look)
  /** What an attached job made of its source, by the identities that the scenario declares. */
  | {
      type: 'data.reconciled';
      source: ReconciledSide;
      sink: ReconciledSide;
      /** False when something was not read to its end or is not decided; `reasons` say what. */
      complete: boolean;
      reasons: string[];
      /** Records that were due, and their ids; of those, and around them, what the filter drops. */
      sourceRecords: number;
      sourceIds: number;
      filteredRecords: number;
      sinkRecords: number;
      sinkIds: number;
      lost: Extent;
      /** Of the lost ones as seen, those that read_uncommitted shows. */
      lostYetUncommitted: number;
      duplicated: Extent;
      /** `shouldHaveBeenFiltered` among them. */
      unexpected: Extent;
      shouldHaveBeenFiltered: Extent;
      uncommittedOnly?: Extent;
      /** The first of each problem. */
      examples: ReconciledExample[];
    }
  /**
   * The totals that an attached job keeps by group, as its last records have them, against its source: all of it up to
   * the mark `drained`. The sides' partitions are all that was read.
   */
  | {
      type: 'data.aggregated';
      source: ReconciledSide;
      sink: ReconciledSide;
      /** False when something was not read to its end, is not decided, or was wrong before; `reasons` say what. */
      complete: boolean;
      reasons: string[];
      /** Committed records of the source that count, and those that the filter drops. */
      sourceRecords: number;
      filteredRecords: number;
      /** Groups of either topic, and those that the sink has. */
      groups: number;
      sinkGroups: number;
      /** Groups whose totals contradict the source, and need not have at the mark `begun`. */
      wrong: Extent;
      /** Groups whose totals must have done so then already; groups that cannot be judged. */
      wrongBefore: number;
      unclear: number;
      /** How many of the groups seen to be wrong are so by each invariant. */
      invariants: { invariant: InvariantSpec; wrong: number }[];
      /** How often both topics were read: once, and again for groups beyond the memory. */
      passes: number;
      /** The first of each problem. */
      examples: AggregatedExample[];
    };
