import type { ExitCode } from '../core/error.js';
import type { Extent } from '../core/extent.js';
import type { Interval } from '../core/poll.js';
import type { Objective, PhaseName } from '../core/scenario.js';
import type { Range } from '../journal/events.js';
import type { SilentCommitFailures } from './commit-failures.js';
import type { HeldBack } from './held-back.js';
import type { OffsetsFinding } from './offsets.js';

/** Version of the findings, and so of `result.json`. */
export const FINDINGS_VERSION = 1;

export type Verdict = 'passed' | 'failed' | 'inconclusive';
/** How a run ended: its verdict, or what outranks it. */
export type Outcome = Verdict | 'heal-failed' | 'interrupted';

export type { Extent } from '../core/extent.js';

/**
 * - `reached`: it came about, somewhere in `at`.
 * - `not-reached`: it had not come about when observation ended; `took.atLeast` says for how long at least.
 * - `not-impacted`: there was nothing to come back from. Not the same as 0 s.
 * - `unclear`: the observations do not tell.
 */
export type PhaseState = 'reached' | 'not-reached' | 'not-impacted' | 'unclear';

export interface Phase {
  name: PhaseName;
  state: PhaseState;
  /** On the journal's monotonic clock. */
  at?: Interval;
  /** Milliseconds since the fault took effect; from the earliest to the latest that the samples allow. */
  took?: Extent;
  /** Unclear: one that no look saw came about within this, milliseconds since the fault took effect. */
  unseenWithin?: number;
  /** One sentence: what was seen, or why not. */
  text: string;
}

export interface Impact {
  /**
   * `seen`: tasks were seen not running, or committed output stayed away for much longer than ever in the steady state.
   * `none`: neither, and the looks were dense. `unclear`: nobody knows.
   */
  state: 'seen' | 'none' | 'unclear';
  /** True when Flink restarted the job (new start time, new restore), whether or not a look saw it down. */
  restarted: boolean;
  /** When the outage began. */
  began?: Interval;
  /** Outages with a recovery between them. */
  outages: number;
  looks: number;
  /** Longest time from one good look to the next while the fault was effective, in milliseconds. */
  largestGap: number | null;
  text: string;
}

/** How an operation was to end, and how it did; without a state nobody saw it end. */
export interface OperationFinding {
  expected: 'completed' | 'failed' | 'either';
  state?: 'completed' | 'failed' | 'unknown';
  text: string;
}

export interface FaultFinding {
  index: number;
  kind: string;
  /** Together with the one before it. */
  beside?: true;
  selector?: string;
  node?: string;
  effective?: Interval;
  healed?: Interval;
  /** Milliseconds from effective to healed. */
  window?: Extent;
  notEffective?: string;
  healFailed?: { reason: string; remains: string };
  /** Of an operation on the job. */
  operation?: OperationFinding;
  evidence: { of: 'triggered' | 'resolved' | 'effective' | 'confirmed' | 'ended' | 'healed'; lines: string[] }[];
  impact?: Impact;
  phases: Phase[];
  /** Longest silence in committed output that overlaps the fault, in milliseconds. */
  outputGap?: { extent?: Extent; text: string };
}

export interface ObjectiveFinding {
  name: string;
  unit: Objective['unit'];
  /** The bound as the scenario has it. */
  bound: string;
  verdict: Verdict;
  /** For people: "12.10 s to 12.40 s", "0", "not impacted". */
  measured: string;
  extent?: Extent;
  text: string;
}

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

/** What was processed again after a fault: the measured recovery point (RPO). */
export interface ReplayFinding {
  fault: number;
  /** Distinct records that the output holds again; what never reached the output the first time is not seen. */
  records: Extent;
  /** The checkpoint that the job went back to. */
  checkpoint?: number;
  /** Milliseconds from that checkpoint's trigger to the outage. */
  depth?: Extent;
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

/** Two leaders at once: ZooKeeper's order of succession and the leader's own record name different sessions, or the record has no rest. */
export interface SplitLeadership {
  /** When it was first seen, and last. Monotonic milliseconds. */
  from: number;
  to: number;
  /** Longest time without a look at which both agreed, in milliseconds. */
  disagreed: number;
  /** Most changes of the leader's record within 10 s. */
  changes: number;
  /** Who wrote the record meanwhile, with their store sessions. */
  leaders: { node?: string; address: string; owner: string }[];
  /** Store sessions that were first in line meanwhile. */
  first: string[];
  text: string;
}

export interface LeadershipFinding {
  /** Changes of the leader's session after the first fault took effect. */
  changes: Extent;
  /** Times after it at which more than one JobManager took itself for the leader. */
  splits: Extent;
  split?: SplitLeadership;
  history: { at: Interval; session: string | null; node?: string; address?: string; by: 'watch' | 'poll' }[];
}

/** Everything derived from a journal. `result.json` is this, unchanged. */
export interface Findings {
  version: typeof FINDINGS_VERSION;
  run: string;
  flinch: string;
  scenario: { name: string; title: string };
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  outcome: Outcome;
  exitCode: ExitCode;
  verdict: Verdict;
  /** One sentence for a person in a hurry. */
  headline: string;
  /** Why nothing could be concluded, whatever the objectives measured. Empty when the run counts. */
  reasons: string[];
  objectives: ObjectiveFinding[];
  faults: FaultFinding[];
  leadership?: LeadershipFinding;
  balance?: Balance;
  replays?: ReplayFinding[];
  /** Source progress and record counts by offsets: the cheap check, without weight in the verdict. */
  offsets?: OffsetsFinding;
  /** Absent where nothing tells of one. */
  silentCommitFailures?: SilentCommitFailures;
  /** Absent where the output's last stable offset had reached its end. */
  heldBack?: HeldBack;
  /** Worth knowing, but without weight in the verdict. */
  notes: string[];
  troubles: { code: string; message: string }[];
}
