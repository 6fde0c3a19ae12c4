import assert from 'node:assert/strict';
import type { FlinkRest } from '../../../src/client/flink/rest.js';
import type { LogReader } from '../../../src/client/kafka/log/log-reader.js';
import { FlinchError } from '../../../src/core/error.js';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { Progress } from '../../../src/reconcile/window/progress.js';
import { attachedDrain } from '../../../src/run/steps/attach-drain.js';
import { findJob, findTopic } from '../../../src/run/steps/attach-find.js';
import { isQuiet } from '../../../src/run/steps/attach-quiet.js';
import type { AttachedJob } from '../../../src/run/steps/attach-start.js';
import { attachedSteady } from '../../../src/run/steps/attach-steady.js';
import { handClock } from '../../support/hand-clock.js';
import { handMadeRun, handMadeScenario } from '../../support/hand-made-run.js';
import { hasCode } from '../../support/has-code.js';

const { signal } = new AbortController();
const job = (name: string, state = 'RUNNING', id = name) => ({ id, name, state });

describe('finding the job to attach to', () => {
  const asking = (jobs: object[], interval = 2000) => {
    const rest: Partial<FlinkRest> = {
      jobsOverview: async () => jobs as never,
      checkpointConfig: async () => ({ mode: 'exactly_once', interval }) as never,
    };
    const dead: Partial<FlinkRest> = {
      jobsOverview: async () => Promise.reject(new Error('connect ECONNREFUSED')),
      checkpointConfig: async () => Promise.reject(new Error('connect ECONNREFUSED')),
    };
    return {
      rest: { 'jobmanager-1': dead as FlinkRest, 'jobmanager-2': rest as FlinkRest },
      clock: handClock(),
      signal,
    };
  };

  it('takes it by name or id, from any JobManager that answers, and past ones of that name that have ended', async () => {
    const jobs = [job('a', 'CANCELED', '1'), job('a', 'RUNNING', '2'), job('b', 'RUNNING', '3')];
    const found = { id: '2', name: 'a', checkpoints: 2000, mode: 'exactly_once' };
    assert.deepEqual(await findJob('a', asking(jobs)), found);
    assert.deepEqual(await findJob('2', asking(jobs)), found);
  });

  it('waits for one that was just submitted', async () => {
    const jobs = [job('a', 'INITIALIZING', '1')];
    const soon = asking(jobs);
    soon.clock.plan(3000, () => jobs.splice(0, 1, job('a', 'RUNNING', '1')));
    assert.equal((await findJob('a', soon)).id, '1');
  });

  for (const [what, jobs, says] of [
    ['there is none', [job('b', 'RUNNING', '3')], /no job is named a or has that id - b \(3\) - submit it/],
    ['there is none at all', [], /no job is named a or has that id - no job runs there/],
    ['it has ended', [job('a', 'FAILED')], /the job a does not run: it is FAILED/],
    ['it restarts', [job('a', 'RESTARTING', '7')], /the job a does not run: it is RESTARTING - 7/],
    ['there are two', [job('a', 'RUNNING', '1'), job('a', 'RESTARTING', '2')], /2 jobs are named a - a \(1\), a \(2\)/],
  ] as const) {
    it(`says so when ${what}`, async () => {
      await assert.rejects(findJob('a', asking([...jobs])), hasCode('WORKLOAD', says));
    });
  }

  it('refuses a job without checkpoints', async () => {
    await assert.rejects(findJob('a', asking([job('a')], 2 ** 63)), hasCode('WORKLOAD', /takes no checkpoints/));
  });

  it('names the topic that is not there', async () => {
    const reader = { aborted: false, offsets: () => Promise.reject(new FlinchError('KAFKA_WIRE', { what: 'no' })) };
    const found = findTopic(reader as unknown as LogReader, 'sink', 'out');
    await assert.rejects(
      found,
      hasCode('WORKLOAD', /the topic of the sink cannot be read: no - out - check workload\.attach\.sink\.topic/),
    );
  });
});

describe('a window on topics that go on', () => {
  const PERIOD = 1000;
  const ends = (at: number, lastStableOffset = at) => [
    { partition: 0, leaderEpoch: 0, earliest: 0, lastStableOffset, highWatermark: at },
  ];

  /**
   * A run attached to topics whose ends are `source` and `sink`; everything else is told by the test.
   * @param totals the job writes totals by group
   */
  function attachedRun(totals = false) {
    const run = handMadeRun(handMadeScenario({ steadyState: { hold: 2000, within: 20_000 } }));
    const { clock, recorder, state } = run;
    const topics = { source: ends(10), sink: ends(10) };
    const progress = new Progress(1000);
    const marks: EventBody[] = [];
    const attached: AttachedJob = {
      jobId: 'a',
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
  const troubles = (events: readonly JournalEvent[]) =>
    events.flatMap((e) => (e.type === 'trouble' ? [e.message] : []));

  it('begins once what was there has come out and a checkpoint was taken since, then holds', async () => {
    const { state, clock, progress, attached, well, marks, recorder } = attachedRun();
    well(20_000);
    clock.plan(2000, () => {
      progress.source('x', 0, 10);
      progress.sink('x');
    });
    const begun = await attachedSteady(state, attached);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && [it.mark, it.settled]),
      [['begun', true]],
    );
    const steady = recorder.events.find((e) => e.type === 'steady-state');
    assert.ok(steady?.type === 'steady-state' && (steady.since ?? 0) >= begun.wall - clock.wall() + clock.mono());
  });

  it('begins all the same where nothing shows that, and says so', async () => {
    const { state, attached, well, marks } = attachedRun();
    well(20_000);
    await attachedSteady(state, attached);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && it.settled),
      [false],
    );
  });

  it('is steady only once a checkpoint that was triggered within the window has completed', async () => {
    const { state, clock, attached, well } = attachedRun();
    well(20_000, { took: 6000 });
    await attachedSteady(state, attached);
    // The window begins after 11 s.
    assert.ok(clock.passed() >= 17_000, `${clock.passed()}`);
  });

  it('is not steady without records, whoever should write them', async () => {
    const { state, attached, well } = attachedRun();
    well(25_000, { output: false });
    await assert.rejects(attachedSteady(state, attached), hasCode('STEADY_STATE', /no committed output is flowing/));
  });

  it('has drained when the last record came out, a checkpoint was taken since, and nothing of it is open', async () => {
    const { state, clock, topics, progress, attached, well, recorder } = attachedRun();
    well(30_000);
    topics.source = ends(12);
    topics.sink = ends(20, 15);
    for (const offset of [10, 11]) progress.source(`${offset}`, 0, offset);
    progress.reached(0, 12);
    clock.plan(3000, () => {
      progress.sink('10');
      progress.sink('11');
    });
    clock.plan(8000, () => {
      // Others go on writing: the end moves, and there is always another transaction open.
      topics.sink = ends(40, 25);
    });
    const { undrained } = await attachedDrain(state, attached);
    assert.equal(undrained, undefined);
    assert.ok(clock.passed() >= 8000 && clock.passed() < 9000, `${clock.passed()}`);
    assert.deepEqual(troubles(recorder.events), []);
  });

  it('waits for what is missing as long as the scenario says, then it is lost', async () => {
    const { state, clock, topics, progress, attached, well, recorder } = attachedRun();
    well(30_000);
    topics.source = ends(12);
    for (const offset of [10, 11]) progress.source(`${offset}`, 0, offset);
    progress.reached(0, 12);
    progress.sink('11');
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
    assert.ok(clock.passed() >= 3000 && clock.passed() < 6000, `${clock.passed()}`);
    assert.deepEqual(troubles(recorder.events), []);
  });

  it('has not drained as long as nothing from the end comes out, while records flow', async () => {
    const { state, clock, topics, progress, attached, well, recorder } = attachedRun();
    well(70_000);
    topics.source = ends(12);
    for (const offset of [10, 11]) progress.source(`${offset}`, 0, offset);
    progress.reached(0, 12);
    const { undrained } = await attachedDrain(state, attached);
    assert.match(undrained ?? '', /nothing from the end of partition 0 has come out/);
    assert.ok(clock.passed() >= 60_000 && clock.passed() < 61_000);
    assert.equal(troubles(recorder.events).length, 1);
  });

  it('has not drained as long as a transaction of then is open', async () => {
    const { state, topics, progress, attached, well } = attachedRun();
    well(70_000);
    topics.sink = ends(20, 15);
    progress.reached(0, 10);
    assert.match((await attachedDrain(state, attached)).undrained ?? '', /a transaction is open on partition 0 of out/);
  });

  it('has drained when both topics are silent and checkpoints go on, although the last records never came', async () => {
    const { state, topics, progress, attached, well } = attachedRun();
    well(30_000, { output: false });
    topics.source = ends(12);
    progress.source('11', 0, 11);
    progress.reached(0, 12);
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
  });

  it('takes no silence for the end where checkpoints stop, or nobody looks', async () => {
    for (const [checkpoints, later, quiet] of [
      [true, 0, true],
      [false, 0, false],
      [true, 4000, false],
    ] as const) {
      const { clock, recorder, well } = attachedRun();
      well(10_000, { output: false, checkpoints });
      await clock.sleep(10_000 + later);
      assert.equal(isQuiet(recorder.events, clock.mono(), PERIOD), quiet, `${checkpoints} ${later}`);
    }
    assert.equal(isQuiet([], 10_000, PERIOD), false);
  });

  it('begins with totals once two checkpoints were taken behind what the job may hold back, without a lag', async () => {
    const { state, clock, attached, well, marks, recorder } = attachedRun(true);
    well(20_000);
    await attachedSteady(state, attached);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && it.settled),
      [true],
    );
    const steady = recorder.events.find((e) => e.type === 'steady-state');
    const since = clock.passed() - clock.mono() + ((steady?.type === 'steady-state' && steady.since) || 0);
    // Patience is 3 s; checkpoints come every second.
    assert.ok(since >= 4000 && since <= 7000, `${since}`);
  });

  it('has drained with totals only when nothing comes in or out for as long as the job may hold it back', async () => {
    const { state, clock, topics, attached, well, marks, recorder } = attachedRun(true);
    well(12_000);
    well(60_000, { output: false, from: 12_000 });
    clock.plan(14_000, () => {
      topics.sink = ends(20, 15);
    });
    clock.plan(20_000, () => {
      topics.sink = ends(20);
    });
    const { undrained, drained } = await attachedDrain(state, attached);
    assert.equal(undrained, undefined);
    assert.deepEqual([drained.sink, troubles(recorder.events)], [ends(20), []]);
    assert.deepEqual(
      marks.map((it) => it.type === 'window.marked' && it.mark),
      ['ended', 'drained'],
    );
    assert.ok(clock.passed() >= 25_000 && clock.passed() < 28_000, `${clock.passed()}`);
  });

  it('waits with totals as long as the scenario says that a job may hold records back', async () => {
    const { state, clock, attached, well } = attachedRun(true);
    well(60_000, { output: false });
    attached.attach.patience = 20_000;
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
    assert.ok(clock.passed() >= 22_000 && clock.passed() < 25_000, `${clock.passed()}`);
  });

  it('marks again when something came in at the last moment', async () => {
    const { state, clock, topics, attached, well, marks } = attachedRun(true);
    well(60_000, { output: false });
    const { mark } = attached;
    attached.mark = (of, more) => {
      if (of === 'drained' && marks.length === 1) topics.source = ends(11);
      return mark(of, more);
    };
    const { drained, undrained } = await attachedDrain(state, attached);
    assert.deepEqual([drained.source, undrained], [ends(11), undefined]);
    assert.equal(marks.length, 3);
    assert.ok(clock.passed() >= 10_000, `${clock.passed()}`);
  });

  for (const [what, trouble, says] of [
    [
      'records go on coming in',
      'source',
      /records go on coming in, .*; stop what writes to the source, or let it pause/,
    ],
    ['a transaction of the sink stays open', 'open', /a transaction is open on partition 0 of out/],
    ['no checkpoint completes', 'checkpoints', /not seen silent while checkpoints completed/],
    ['the looks see records, whatever the ends are', 'looks', /not seen silent while checkpoints completed/],
  ] as const) {
    it(`has not drained with totals where ${what}, and says so in its time`, async () => {
      const { state, clock, topics, attached, well, recorder } = attachedRun(true);
      well(90_000, { output: trouble === 'looks', checkpoints: trouble !== 'checkpoints' });
      if (trouble === 'open') topics.sink = ends(20, 15);
      for (let at = 1000; trouble === 'source' && at < 90_000; at += 3000) {
        clock.plan(at, () => {
          topics.source = ends(10 + at);
        });
      }
      const { undrained } = await attachedDrain(state, attached);
      assert.match(undrained ?? '', says);
      assert.deepEqual(troubles(recorder.events), [undrained]);
      assert.ok(clock.passed() >= 60_000 && clock.passed() < 75_000, `${clock.passed()}`);
    });
  }

  it('gives a backlog its time once nothing comes in any more', async () => {
    const { state, clock, topics, attached, well } = attachedRun(true);
    well(120_000);
    well(150_000, { output: false, from: 120_000 });
    for (let at = 1000; at < 120_000; at += 1000) {
      clock.plan(at, () => {
        topics.sink = ends(10 + at);
      });
    }
    assert.equal((await attachedDrain(state, attached)).undrained, undefined);
    assert.ok(clock.passed() >= 124_000 && clock.passed() < 130_000, `${clock.passed()}`);
  });
});
