import assert from 'node:assert/strict';
import type { LogReader } from '../../src/client/kafka/log/log-reader.js';
import type { EventBody, JournalEvent } from '../../src/journal/events.js';
import { Progress } from '../../src/reconcile/window/progress.js';
import type { AttachedJob } from '../../src/run/steps/attach-start.js';
import { handMadeRun, handMadeScenario } from './hand-made-run.js';

/** Milliseconds between checkpoints. */
export const PERIOD = 1000;
export const ends = (at: number, lastStableOffset = at) => [
  { partition: 0, leaderEpoch: 0, earliest: 0, lastStableOffset, highWatermark: at },
];

/**
 * A run attached to topics whose ends are `source` and `sink`; everything else is told by the test.
 * @param totals the job writes totals by group
 */
export function attachedRun(totals = false) {
  const run = handMadeRun(handMadeScenario({ steadyState: { hold: 2000, within: 20_000 } }));
  const { clock, recorder, state } = run;
  const topics = { source: ends(10), sink: ends(10) };
  const progress = new Progress(1000);
  const marks: EventBody[] = [];
  const attached: AttachedJob = {
    jobId: () => 'a',
    period: PERIOD,
    attach: {
      job: 'a',
      source: { topic: 'in', identity: { kind: 'key', as: 'typed' } },
      sink: { topic: 'out', identity: { kind: 'key', as: 'typed' } },
      relation: totals ? { kind: 'aggregate', invariants: [{ kind: 'count', sink: '/n' }] } : { kind: 'one-to-one' },
      patience: 3000,
    },
    reader: { aborted: false, offsets: async () => topics.sink } as Partial<LogReader> as LogReader,
    attached: { source: ends(10), sink: ends(10), wall: clock.wall() },
    following: { progress: totals ? undefined : progress, ended: Promise.resolve() },
    unfollow: async () => {},
    sides: () => assert.fail('nothing is read yet'),
    ends: async () => ({ source: topics.source, sink: topics.sink, wall: clock.wall() }),
    async mark(of, more) {
      marks.push({ type: 'window.marked', mark: of, ...topics, ...(more as object) });
      return { source: topics.source, sink: topics.sink, wall: clock.wall() };
    },
  };
  /** Looks as they come while all is well, up to a time. */
  const well = (until: number, { output = true, checkpoints = true, took = 300, from = 0 } = {}) => {
    for (let at = from + 100; at < until; at += 200) {
      clock.plan(at, () => {
        const look = { start: clock.mono() - 5, end: clock.mono() };
        const [mono, wall] = [clock.mono(), clock.wall()];
        const flowing = output ? 10 : 0;
        const tasks = { id: 'a', name: 'a', state: 'RUNNING', startTime: 1, total: 2, running: 2, finished: 0 };
        recorder.emit({ type: 'observed.jobs', node: 'jobmanager-1', status: 200, jobs: [tasks], ...look });
        recorder.emit({ type: 'observed.source', records: flowing, total: at, ...look });
        recorder.emit({
          type: 'observed.output',
          records: flowing,
          total: at,
          ...(totals ? {} : { lag: 5 }),
          ...look,
        });
        if (!checkpoints || mono < 0) return;
        const id = Math.floor(at / PERIOD);
        const latest = { id, triggeredAt: wall - (at % PERIOD) - took, completedAt: wall - (at % PERIOD) };
        recorder.emit({
          type: 'observed.checkpoints',
          node: 'jobmanager-1',
          completed: id,
          failed: 0,
          latest,
          ...look,
        });
      });
    }
  };
  return { ...run, state: { ...state, period: PERIOD }, topics, progress, marks, attached, well };
}
export const troubles = (events: readonly JournalEvent[]) =>
  events.flatMap((e) => (e.type === 'trouble' ? [e.message] : []));
