import type { Scenario, StopVerdict } from '../core/scenario.js';
import type { ExecutionEvent } from './execution-events.js';
import type { DeploymentRecord, JobRecord, LeaderRecord, NodeRecord } from './members.js';
import type { OffsetEvent } from './offset-events.js';

export type * from './execution-events.js';
export type * from './members.js';
export type * from './offset-events.js';

import type { AttachedEventBody } from './attached-events.js';

/** Version of the format; a reader accepts every version up to its own. */
export const JOURNAL_VERSION = 1;

/** Steps of a run, in their order. */
export const STEPS = [
  'cluster',
  'workload',
  'steady-state',
  'fault',
  'recovery',
  'heal',
  'settle',
  'quiesce',
  'read',
] as const;
export type Step = (typeof STEPS)[number];

/** When an event was written. `mono` and every `start`, `end`, `after` and `by` below: milliseconds, one monotonic clock. */
export interface Stamp {
  seq: number;
  mono: number;
  wall: number;
}

/** One look at the system: it was asked at `start`, the answer was there at `end`. With `error` there was no answer. */
export interface Look {
  start: number;
  end: number;
  error?: string;
}

/** Inclusive range of sequence numbers. */
export type Range = [from: number, to: number];

export interface LaneProduced {
  lane: number;
  /** Highest sequence ever handed to the client; sequences start at 1. */
  attempted: number;
  acknowledged: Range[];
  failed: Range[];
  unknown: Range[];
}

/** Where a record lies. `time` is the record's timestamp, milliseconds since the epoch. */
export interface RecordPlace {
  lane: number;
  sequence: number;
  partition: number;
  offset: number;
  time: number;
  /** Not written so by the producer: lane and sequence are what it claims. */
  altered?: true;
}

export interface LaneSeen {
  lane: number;
  seen: Range[];
  /** Sequences seen more than once: [from, to, times each]. */
  repeated: [from: number, to: number, times: number][];
  /** Sequences that first lie behind a higher one; null where that could not be told. */
  late?: Range[] | null;
}

/** What one producer wrote in transactions that were not committed when the topic was read. */
export interface HeldRecords {
  producerId: number;
  producerEpoch: number;
  /** `open`: above the last stable offset, not decided then. */
  state: 'aborted' | 'open';
  partitions: number[];
  /** Timestamps of its first and last record, milliseconds since the epoch. */
  firstTime: number;
  lastTime: number;
  lanes: LaneSeen[];
}

/** Who a producer is, as the transaction coordinators tell. */
export interface ProducerIdentity {
  producerId: number;
  transactionalId?: string;
  /** The state of the id's last transaction. */
  state?: string;
  timeoutMs?: number;
  /** Why the above is not known. */
  reason?: string;
}

/** When sequences were produced: both in milliseconds since the epoch, as the record timestamps in the input tell. */
export interface DatedRange {
  lane: number;
  from: number;
  to: number;
  firstTime: number;
  lastTime: number;
}

export interface PartitionRead {
  partition: number;
  from: number;
  /** The offset up to which it was read. */
  to: number;
  lastStableOffset: number;
  highWatermark: number;
}

export type EventBody =
  | AttachedEventBody
  | {
      type: 'run.started';
      journal: number;
      run: string;
      flinch: string;
      scenario: Scenario;
      source: { file: string; text: string };
      host: { platform: string; kernel: string; cpus: number; memoryBytes: number; node: string };
    }
  | { type: 'step'; step: Step; state: 'started' | 'ended' }
  | {
      type: 'cluster.up';
      target: string;
      flinkVersion: string;
      isolation: string;
      /** True when the cluster was there before this run. */
      reused: boolean;
      tookMs: number;
      nodes: NodeRecord[];
      /** Settings that shape the recovery, as the cluster reports them. */
      settings: Record<string, string>;
    }
  /** Whether a cluster that serves another run is as it was before this one. */
  | { type: 'cluster.checked'; clean: boolean; reason?: string }
  | { type: 'node.started'; node: string; pid: number }
  | { type: 'node.exited'; node: string; pid: number; pod?: string; code: number | null; signal: string | null }
  /** The machine that Flinch and the cluster share: nobody ran on it, or its host gave `share` of its processors to others. */
  | { type: 'machine.disturbed'; why: 'stood-still' | 'taken'; after: number; by: number; share?: number }
  /** `from`: the savepoint or checkpoint that it was started from, which is not its first start then. */
  | {
      type: 'job.submitted';
      jobId: string;
      name: string;
      input: string;
      output: string;
      statements: string[];
      from?: string;
    }
  | ({ type: 'observed.leader'; by: 'watch' | 'poll'; leader?: LeaderRecord | null; contenders?: string[] } & Look)
  /** What the operator of Flink says of the cluster, where it is another thing than before. Null: there is nothing of it. */
  | ({ type: 'observed.deployment'; deployment?: DeploymentRecord | null } & Look)
  | ({ type: 'observed.jobs'; node: string; status?: number; jobs?: JobRecord[] } & Look)
  | ({
      type: 'observed.checkpoints';
      node: string;
      completed?: number;
      failed?: number;
      latest?: { id: number; triggeredAt: number; completedAt: number };
      restored?: { id: number; at: number };
    } & Look)
  | ExecutionEvent
  | ({
      type: 'observed.taskmanagers';
      node: string;
      /** Those that are registered, where they are others than at the look before. */
      ids?: string[];
      /** By the JobManager's clock, milliseconds since the epoch: when it heard last of the one that has been silent for longest, and of any. */
      oldest?: { id: string; at: number };
      newest?: number;
    } & Look)
  | ({
      type: 'observed.exceptions';
      node: string;
      /** Only those not journalled before. `at`: wall milliseconds of Flink's clock. */
      entries?: { at: number; name: string; task?: string; taskManager?: string; message: string }[];
    } & Look)
  | ({
      type: 'observed.output';
      /** Committed records that this look found. */
      records?: number;
      /** Committed records found since the start. */
      total?: number;
      /**
       * Acknowledged sequences not yet in the committed output, summed over lanes. Of an attached job: records at the
       * source behind the furthest one of each partition whose identity is in the committed output.
       */
      lag?: number;
      /** Of a look with an error: nobody listened at any broker that had to be asked. */
      refused?: true;
    } & Look)
  | { type: 'observed.load'; attempted: number; acknowledged: number; failed: number; unknown: number }
  | { type: 'steady-state'; reached: boolean; since?: number; reason?: string }
  /** What the fault waited for was seen. */
  | { type: 'fault.triggered'; fault: number; on: string; after: number; by: number; evidence: string[] }
  | {
      type: 'fault.resolved';
      fault: number;
      kind: string;
      selector: string;
      node: string;
      /** Absent where no process is meant. */
      pid?: number;
      /** Where nodes are pods. */
      pod?: string;
      /** The other nodes, of a fault that befalls several. */
      also?: { node: string; pid?: number; pod?: string }[];
      evidence: string[];
    }
  | { type: 'fault.effective'; fault: number; after: number; by: number; evidence: string[] }
  /** A second proof that takes longer than the first, e.g. the new leader's session id. */
  | { type: 'fault.confirmed'; fault: number; evidence: string[] }
  /** How an operation on the job ended; how it is to end, the scenario says. */
  | {
      type: 'operation.ended';
      fault: number;
      state: 'completed' | 'failed' | 'unknown';
      text: string;
      after: number;
      by: number;
    }
  | { type: 'fault.not-effective'; fault: number; reason: string }
  | { type: 'fault.healed'; fault: number; after: number; by: number; evidence: string[] }
  | { type: 'fault.heal-failed'; fault: number; reason: string; remains: string }
  /** A stop condition of the scenario held, or could not be looked at; `condition` is its index. */
  | { type: 'stopped'; condition: number; text: string; verdict: StopVerdict }
  | { type: 'data.produced'; lanes: LaneProduced[] }
  | {
      type: 'data.read';
      of: 'input' | 'output';
      topic: string;
      isolation: 'read_committed' | 'read_uncommitted';
      /** False when a partition could not be read to its end; `reason` says why. */
      complete: boolean;
      reason?: string;
      records: number;
      partitions: PartitionRead[];
      lanes: LaneSeen[];
      /** Records that carry no lane and sequence. */
      unreadable: number;
      /** Records that were not written so by the producer. */
      altered?: number;
      /** First places of repeated, unreadable, altered and unexpected records. */
      examples: RecordPlace[];
      /** With read_uncommitted: what is not committed, by who wrote it. */
      held?: HeldRecords[];
    }
  /** Who wrote what the output holds uncommitted, asked when acknowledged records are missing. */
  | { type: 'data.producers'; producers: ProducerIdentity[] }
  /** When the records were produced that are lost, repeated or re-read; `omitted` ranges are not told. */
  | { type: 'data.dated'; ranges: DatedRange[]; omitted: number }
  /** The `count` job's output, update by update. */
  | {
      type: 'data.state';
      topic: string;
      complete: boolean;
      reason?: string;
      updates: number;
      wrong: number;
      examples: {
        lane: number;
        count: number;
        max: number;
        partition: number;
        offset: number;
        time: number;
        problem: string;
      }[];
      lanes: { lane: number; count: number; max: number }[];
    }
  | OffsetEvent
  | { type: 'node.log'; node: string; lines: string[] }
  | { type: 'trouble'; code: string; message: string }
  | { type: 'interrupted'; signal: string }
  | { type: 'run.ended' };

export type EventType = EventBody['type'];
export type EventOf<T extends EventType> = Extract<EventBody, { type: T }> & Stamp;
export type JournalEvent = EventBody & Stamp;
