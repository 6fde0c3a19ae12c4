import type { ExitCode } from '../core/error.js';
import type { Extent } from '../core/extent.js';
import type { Interval } from '../core/poll.js';
import type { Objective, PhaseName } from '../core/scenario.js';
import type { CourseName } from '../predict/course.js';
import type { PredictedPhase } from '../predict/prediction.js';
import type { PredictedRestarts } from '../predict/restarts.js';
import type { Availability } from './availability.js';
import type { Balance } from './balance-findings.js';
import type { SilentCommitFailures } from './commit-failures.js';
import type { Failover } from './execution-phases.js';
import type { HeldBack } from './held-back.js';
import type { OffsetsFinding } from './offsets.js';

/** Version of the findings, and so of `result.json`. */
export const FINDINGS_VERSION = 1;

export type Verdict = 'passed' | 'failed' | 'inconclusive';
/** How a run ended: its verdict, or what outranks it. */
export type Outcome = Verdict | 'heal-failed' | 'interrupted';

export type { Extent } from '../core/extent.js';
export type * from './balance-findings.js';

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
  /** Where it is read from. */
  source: string;
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

/** Whether something came as it was promised; `unclear`: what was measured leaves it open. */
export type Within = 'yes' | 'no' | 'unclear';

/** A phase as the settings promise it, with what it took: milliseconds from the phase before it. */
export interface ExpectedPhase extends PredictedPhase {
  measured: Extent;
  within: Within;
}

/** What the cluster's own settings promise of a fault. */
export interface Expectation {
  /** What was to become of the job, and whether it did. */
  course: CourseName;
  why: string;
  within: Within;
  /** Those that came about, or should have. */
  phases: ExpectedPhase[];
  /** How often the job was started anew, by another JobManager or by the one that has it. */
  restarts?: PredictedRestarts & { measured: Extent; within: Within };
}

/** What waited after a fault, and how fast it went. */
export interface BacklogFinding {
  /** Most records that waited at once. */
  peak: number;
  /** Records a second that came in during the steady state. */
  rate: number;
  /** Records a second that came out from then until the lag was back; where they come by commits, the last of them counts whole. */
  drain?: Extent;
  /** Records a second that went beyond those that came in. */
  headroom?: Extent;
  /** Milliseconds from the moment at which every task ran, or of a fault that ended none from its effect, until the lag was back. */
  took: Extent;
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
  /** How the job came back, where Flink's own times tell. */
  failover?: Failover;
  phases: Phase[];
  /** Absent where nothing waited, or nobody knows. */
  backlog?: BacklogFinding;
  /** Absent of faults that are not alone. */
  expectation?: Expectation;
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

/** Something that no cluster should do: two leaders' work, dead members that are listed, tasks that nobody ends. */
export interface Irregularity {
  kind: string;
  /** When it was first and last seen; monotonic milliseconds. */
  from: number;
  to: number;
  text: string;
  evidence: string[];
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
  /** How much of the time there was a job, and output. Absent where there was no steady state or no fault. */
  availability?: Availability;
  leadership?: LeadershipFinding;
  /** Absent where none was seen. */
  irregularities?: Irregularity[];
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
