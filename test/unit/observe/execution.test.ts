import assert from 'node:assert/strict';
import { createFlinkRest, type FlinkRest, type SubtaskTimes } from '../../../src/client/flink/rest.js';
import { systemClock } from '../../../src/core/clock.js';
import type { EventBody } from '../../../src/journal/events.js';
import { Attention } from '../../../src/observe/attention.js';
import { observeExecution, startedTasks } from '../../../src/observe/index.js';
import { until } from '../../support/host-processes.js';
import { json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';
const subtask = (index: number, timestamps: Record<string, number>): SubtaskTimes => ({ index, timestamps });
const ran = (index: number, created: number, running: number) =>
  subtask(index, {
    ...{
      CREATED: created,
      SCHEDULED: created + 1,
      DEPLOYING: created + 2,
      INITIALIZING: created + 3,
      RUNNING: running,
    },
    ...{ FINISHED: 0, FAILED: 0, CANCELED: 0 },
  });

describe('the tasks that were started last', () => {
  it('are those created since, each with the first and last time of each state', () => {
    assert.deepEqual(startedTasks([ran(0, 100, 110), ran(1, 104, 120), ran(2, 50, 60)], 90), {
      ...{ total: 3, started: 2, running: 2 },
      ...{ scheduled: [101, 105], deploying: [102, 106], initializing: [103, 107], ran: [110, 120] },
    });
  });

  it('do not run where they were cancelled or failed afterwards, nor where they have not come so far', () => {
    const failed = subtask(1, { ...ran(1, 100, 110).timestamps, FAILED: 130 });
    const waits = subtask(2, { CREATED: 100, SCHEDULED: 101, DEPLOYING: 0, RUNNING: 0 });
    const done = subtask(3, { ...ran(3, 100, 110).timestamps, FINISHED: 140 });
    const { started, running, scheduled, deploying } = startedTasks([ran(0, 100, 110), failed, waits, done], 100);
    assert.deepEqual([started, running, scheduled, deploying], [4, 2, [101, 101], [102, 102]]);
    assert.deepEqual(startedTasks([ran(0, 100, 110)], 200), { total: 1, started: 0, running: 0 });
    assert.deepEqual(startedTasks([], 0), { total: 0, started: 0, running: 0 });
  });
});

describe("observing Flink's own times", () => {
  let server: LyingHttpServer;
  let api: FlinkRest;
  afterEach(async () => {
    api?.close();
    await server?.close();
  });

  it('asks for the times of tasks until all run, and tells what has changed, once', async () => {
    const details = (timestamps: Record<string, number>, running: number) =>
      json({
        ...{ jid: JOB, name: 'x', state: 'RUNNING', now: 9_000, timestamps: { FAILED: 0, ...timestamps } },
        vertices: [{ id: 'v', name: 'v', parallelism: 1, tasks: { RUNNING: running, SCHEDULED: 1 - running } }],
      });
    const times = (...subtasks: SubtaskTimes[]) =>
      json({ subtasks: subtasks.map(({ index, timestamps }) => ({ subtask: index, timestamps })) });
    server = await startLyingHttp({
      [`/jobs/${JOB}`]: details({ INITIALIZING: 90, RUNNING: 95 }, 0),
      [`/jobs/${JOB}/vertices/v/subtasktimes`]: times(subtask(0, { CREATED: 96, RUNNING: 0 })),
    });
    api = createFlinkRest(server.url);
    const told: Extract<EventBody, { type: 'observed.execution' }>[] = [];
    const stop = new AbortController();
    let job: string | undefined;
    // Slow, so that two seconds of it do not pass on a machine that is busy.
    const clock = {
      ...systemClock,
      mono: () => systemClock.mono() / 100,
      sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(5, signal),
    };
    const observing = observeExecution(
      { rest: { 'jobmanager-1': api }, jobId: () => job, attention: new Attention(clock) },
      (event) => event.type === 'observed.execution' && told.push(event),
      { clock, signal: stop.signal },
    );
    await systemClock.sleep(20);
    assert.equal(told.length, 0);
    job = JOB;
    await until('the first', () => told.length === 1);
    const asked = () => server.requests.filter((path) => path.includes('subtasktimes')).length;
    const [before, seen] = [asked(), server.requests.length];
    await until('more looks', () => server.requests.length > seen + 3);
    assert.equal(asked(), before, 'asked again at once for what does not run yet');
    server.on(`/jobs/${JOB}/vertices/v/subtasktimes`, times(ran(0, 96, 120)));
    server.on(`/jobs/${JOB}`, details({ INITIALIZING: 90, RUNNING: 95 }, 1));
    await until('all running', () => told.length === 2);
    const [count, looks] = [asked(), server.requests.length];
    await until('more looks', () => server.requests.length > looks + 3);
    assert.equal(asked(), count, 'asked again for what is known');
    server.on(`/jobs/${JOB}`, details({ INITIALIZING: 90, RESTARTING: 200, RUNNING: 95 }, 0));
    await until('a restart', () => told.length === 3);
    stop.abort();
    await observing;
    const [first, second, third] = told;
    assert.deepEqual(first?.tasks, { total: 1, started: 1, running: 0 });
    assert.deepEqual([second?.now, second?.timestamps], [9_000, { INITIALIZING: 90, RUNNING: 95 }]);
    assert.deepEqual(second?.tasks?.ran, [120, 120]);
    // The tasks that run are still those of before.
    assert.deepEqual(third?.tasks, { total: 1, started: 0, running: 0 });
    assert.ok(first && first.end >= first.start);
  });
});
