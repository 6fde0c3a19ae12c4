import assert from 'node:assert/strict';
import type { FlinkRest } from '../../../src/client/flink/rest.js';
import type { LogReader } from '../../../src/client/kafka/log/log-reader.js';
import { FlinchError } from '../../../src/core/error.js';
import { attachedDrain } from '../../../src/run/steps/attach-drain.js';
import { findJob, findTopic } from '../../../src/run/steps/attach-find.js';
import { isQuiet } from '../../../src/run/steps/attach-quiet.js';
import { attachedSteady } from '../../../src/run/steps/attach-steady.js';
import { attachedRun, ends, PERIOD, troubles } from '../../support/attached-run.js';
import { handClock } from '../../support/hand-clock.js';
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
});
