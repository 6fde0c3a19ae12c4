import type { JobKind, Objective } from '../../src/core/scenario.js';
import type { LaneProduced, LaneSeen } from '../../src/journal/events.js';

/** Monotonic and wall time of a synthetic journal's second 0. */
export const MONO = 500_000;
export const WALL = Date.UTC(2026, 10, 20, 12, 0, 0);

export const atMost = (name: string, value: number, unit: Objective['unit'] = 'ms'): Objective => ({
  name,
  unit,
  atMost: value,
  text: unit === 'ms' ? `within ${value / 1000}s` : `${value}`,
});

export const DEFAULT_OBJECTIVES: Objective[] = [
  atMost('recovery', 30_000),
  atMost('outputGap', 45_000),
  { ...atMost('lost', 0, 'count'), atLeast: 0 },
  { ...atMost('duplicated', 0, 'count'), atLeast: 0 },
];

export type JobAnswer = 'good' | 'fewer' | 'down' | 'running-without-tasks' | 500 | 503 | 'refused' | 'skip';

/** Times are milliseconds after second 0; undefined means never. */
export interface Story {
  objectives: Objective[];
  selector: string;
  node: string;
  /** Milliseconds between looks. */
  every: number;
  faultAt: number;
  healedAt: number;
  quiesceAt: number;
  endAt: number;
  lostLeaderAt: number | undefined;
  newLeaderAt: number | undefined;
  /** The job's answer at one endpoint at one time. */
  job: (node: string, t: number) => JobAnswer;
  startTime: (t: number) => number;
  /** Trigger times of checkpoints that completed 300 ms later. */
  checkpoints: number[];
  /** What Flink's books say at one time: when it restored from a checkpoint last, if ever. Undefined: they cannot be read. */
  books?: (t: number) => { restoredAt?: number } | undefined;
  /** Commit times of 1000 records each. */
  commits: number[];
  produced: LaneProduced[];
  seen: LaneSeen[];
  job_: JobKind;
}

const every = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);

/** A leader kill as measured on a real cluster: session 6 s, recovered after about 12 s. */
export function leaderKill(change: Partial<Story> = {}): Story {
  const faultAt = change.faultAt ?? 12_000;
  const back = faultAt + 12_100;
  return {
    objectives: DEFAULT_OBJECTIVES,
    selector: 'jobmanager.leader',
    node: 'jobmanager-1',
    every: 250,
    faultAt,
    healedAt: faultAt + 16_000,
    quiesceAt: faultAt + 24_000,
    endAt: faultAt + 28_000,
    lostLeaderAt: faultAt + 6150,
    newLeaderAt: faultAt + 6400,
    job: (node, t) => {
      if (t < faultAt) return 'good';
      if (node === 'jobmanager-1') return t < faultAt + 18_000 ? 'refused' : 'good';
      if (t < faultAt + 6150) return 500;
      if (t < faultAt + 6400) return 503;
      if (t < faultAt + 7500) return 'down';
      return t < back ? 'running-without-tasks' : 'good';
    },
    startTime: (t) => (t < faultAt + 6400 ? 1000 : faultAt + 6500),
    checkpoints: [...every(1000, faultAt - 300, 2000), ...every(back + 500, faultAt + 28_000, 2000)],
    commits: [...every(1400, faultAt, 2000), ...every(back + 900, faultAt + 27_000, 2000)],
    produced: [
      { lane: 0, attempted: 15_000, acknowledged: [[1, 15_000]], failed: [], unknown: [] },
      { lane: 1, attempted: 15_000, acknowledged: [[1, 15_000]], failed: [], unknown: [] },
    ],
    seen: [
      { lane: 0, seen: [[1, 15_000]], repeated: [] },
      { lane: 1, seen: [[1, 15_000]], repeated: [] },
    ],
    job_: 'pass-through',
    ...change,
  };
}

const steady = (faultAt: number): Partial<Story> => ({
  lostLeaderAt: undefined,
  newLeaderAt: undefined,
  startTime: () => 1000,
  checkpoints: every(1000, faultAt + 28_000, 2000),
  commits: every(1400, faultAt + 27_000, 2000),
});

/** A standby dies: its endpoint refuses, the leader's goes on. */
export const standbyKill = (change: Partial<Story> = {}): Story =>
  leaderKill({
    selector: 'jobmanager.standby',
    node: 'jobmanager-2',
    ...steady(12_000),
    job: (node, t) => {
      if (node === 'jobmanager-1' || t < 12_000 || t > 31_000) return 'good';
      return t < 29_000 ? 'refused' : 503;
    },
    ...change,
  });

/** A TaskManager dies: both endpoints go on answering, tasks are down for four seconds. */
export const taskManagerKill = (change: Partial<Story> = {}): Story =>
  leaderKill({
    selector: 'taskmanager',
    node: 'taskmanager-1',
    ...steady(12_000),
    job: (_, t) => (t > 14_100 && t < 18_100 ? 'down' : 'good'),
    checkpoints: [...every(1000, 11_000, 2000), ...every(18_600, 40_000, 2000)],
    commits: [...every(1400, 12_000, 2000), ...every(19_000, 39_000, 2000)],
    ...change,
  });
