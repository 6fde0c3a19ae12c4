import assert from 'node:assert/strict';
import { createJobCheckpoints } from '../../../src/client/flink/job-checkpoints.js';
import { createPlacement } from '../../../src/client/flink/placement.js';
import { createFlinkRest, type FlinkRest } from '../../../src/client/flink/rest.js';
import { rootCauseOfBody, rootCauseOfTrace } from '../../../src/client/flink/root-cause.js';
import { httpFailure } from '../../../src/client/http.js';
import { FlinchError } from '../../../src/core/error.js';
import { hang, json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';
const TASKS = { total: 4, created: 0, scheduled: 1, deploying: 0, initializing: 0, running: 2, finished: 1 };
const overview = {
  jobs: [
    {
      jid: JOB,
      name: 'pass-through',
      'start-time': 1000,
      'end-time': -1,
      'last-modification': 2000,
      duration: 5,
      state: 'RUNNING',
      tasks: TASKS,
    },
  ],
};

describe('Flink REST', () => {
  let server: LyingHttpServer;
  let rest: FlinkRest;
  before(async () => {
    server = await startLyingHttp();
    rest = createFlinkRest(`${server.url}/`, { timeoutMs: 10_000 });
  });
  after(async () => {
    rest.close();
    await server.close();
  });

  it('reads the jobs with every task count', async () => {
    server.on('/jobs/overview', json(overview));
    assert.deepEqual(await rest.jobsOverview(), [
      {
        id: JOB,
        name: 'pass-through',
        state: 'RUNNING',
        startTime: 1000,
        changed: 2000,
        total: 4,
        running: 2,
        finished: 1,
        tasks: TASKS,
      },
    ]);
  });

  it('reads checkpoints, also when there are none', async () => {
    const path = `/jobs/${JOB}/checkpoints`;
    const none = { completed: null, failed: null, savepoint: null, restored: null };
    server.on(path, json({ counts: { completed: 0, failed: 0 }, latest: none }));
    assert.deepEqual(await rest.checkpoints(JOB), { completed: 0, failed: 0, history: [] });
    const completed = { id: 7, trigger_timestamp: 100, latest_ack_timestamp: 130 };
    const restored = { id: 5, restore_timestamp: 90 };
    const history = [
      { ...completed, id: 8, status: 'IN_PROGRESS', latest_ack_timestamp: -1, is_savepoint: false },
      { ...completed, id: 7, status: 'COMPLETED', is_savepoint: false },
      { ...completed, id: 6, status: 'COMPLETED', is_savepoint: true },
    ];
    server.on(path, json({ counts: { completed: 2, failed: 1 }, latest: { ...none, completed, restored }, history }));
    assert.deepEqual(await rest.checkpoints(JOB), {
      completed: 2,
      failed: 1,
      latest: { id: 7, triggeredAt: 100, completedAt: 130 },
      restored: { id: 5, at: 90 },
      history: [
        { id: 7, triggeredAt: 100, completedAt: 130 },
        { id: 6, triggeredAt: 100, completedAt: 130, savepoint: true },
      ],
    });
  });

  it('reads how far each checkpoint is, the newest first', async () => {
    const entry = { '@class': 'in_progress', is_savepoint: false, trigger_timestamp: 100, num_subtasks: 4 };
    const history = [
      { ...entry, id: 9, status: 'IN_PROGRESS', num_acknowledged_subtasks: 2 },
      { ...entry, id: 8, status: 'COMPLETED', num_acknowledged_subtasks: 4, is_savepoint: true },
    ];
    server.on(`/jobs/${JOB}/checkpoints`, json({ history }));
    const common = { triggeredAt: 100, subtasks: 4 };
    assert.deepEqual(await rest.checkpointHistory(JOB), [
      { ...common, id: 9, status: 'IN_PROGRESS', acknowledged: 2 },
      { ...common, id: 8, status: 'COMPLETED', acknowledged: 4, savepoint: true },
    ]);
    server.on(`/jobs/${JOB}/checkpoints`, json({ history: [{ ...history[0], status: 'ODD' }] }));
    await assert.rejects(rest.checkpointHistory(JOB), /"ODD" is no status of a checkpoint/);
  });

  it('asks for a savepoint and for a stop, and reads what became of it', async () => {
    server.on(`/jobs/${JOB}/savepoints`, json({ 'request-id': 'r1' }, 202));
    server.on(`/jobs/${JOB}/stop`, json({ 'request-id': 'r2' }, 202));
    assert.deepEqual([await rest.savepoint(JOB), await rest.stop(JOB)], ['r1', 'r2']);
    assert.deepEqual(server.requests.slice(-2), [
      `POST /jobs/${JOB}/savepoints {"cancel-job":false}`,
      `POST /jobs/${JOB}/stop {"drain":false}`,
    ]);
    const path = `/jobs/${JOB}/savepoints/r1`;
    server.on(path, json({ status: { id: 'IN_PROGRESS' }, operation: null }));
    assert.deepEqual(await rest.savepointAnswer(JOB, 'r1'), {});
    server.on(path, json({ status: { id: 'COMPLETED' }, operation: { location: 'file:/s1' } }));
    assert.deepEqual(await rest.savepointAnswer(JOB, 'r1'), { location: 'file:/s1' });
    const cause = {
      class: 'x.CompletionException',
      'stack-trace': 'x.CompletionException: a\nCaused by: y.Z: not running',
    };
    server.on(path, json({ status: { id: 'COMPLETED' }, operation: { 'failure-cause': cause } }));
    assert.deepEqual(await rest.savepointAnswer(JOB, 'r1'), { failure: 'Z: not running' });
    await assert.rejects(rest.savepointAnswer(JOB, 'r3'), (error) => httpFailure(error)?.status === 404);
  });

  it('reads where the latest checkpoint and savepoint lie', async () => {
    const none = { completed: null, failed: null, savepoint: null, restored: null };
    server.on(`/jobs/${JOB}/checkpoints`, json({ latest: none }));
    assert.deepEqual(await rest.snapshots(JOB), {});
    const [completed, savepoint] = ['file:/chk-7', 'file:/s1'].map((external_path) => ({ external_path }));
    server.on(`/jobs/${JOB}/checkpoints`, json({ latest: { ...none, completed, savepoint } }));
    assert.deepEqual(await rest.snapshots(JOB), { checkpoint: 'file:/chk-7', savepoint: 'file:/s1' });
  });

  it('tells by TaskManager who has acknowledged a checkpoint', async () => {
    const vertices = ['a', 'b'].map((id) => ({ id, name: id, parallelism: 2 }));
    server.on(`/jobs/${JOB}`, json({ jid: JOB, name: 'x', state: 'RUNNING', now: 1, timestamps: {}, vertices }));
    const placed = ['tm1', 'tm2'].map((id, subtask) => ({
      subtask,
      status: 'RUNNING',
      attempt: 0,
      'taskmanager-id': id,
    }));
    const done = (index: number) => ({ index, status: 'completed', ack_timestamp: 5 });
    const open = (index: number) => ({ index, status: 'pending_or_failed' });
    for (const [vertex, subtasks] of Object.entries({ a: [done(0), open(1)], b: [done(0), done(1)] })) {
      server.on(`/jobs/${JOB}/vertices/${vertex}`, json({ subtasks: placed }));
      server.on(`/jobs/${JOB}/checkpoints/details/9/subtasks/${vertex}`, json({ subtasks }));
    }
    const { signal } = new AbortController();
    const checkpoints = createJobCheckpoints([rest], () => JOB);
    assert.deepEqual(await checkpoints.acknowledgements(9, signal), {
      tm1: { acknowledged: 2, open: 0 },
      tm2: { acknowledged: 1, open: 1 },
    });
  });

  it('reads exceptions with their root cause, oldest first', async () => {
    const entry = {
      exceptionName: 'o.a.f.JobException',
      stacktrace: 'o.a.f.JobException: no\n\tat a.B(c)\nCaused by: java.io.IOException: disk full\n\t... 3 more',
    };
    server.on(
      `/jobs/${JOB}/exceptions`,
      json({
        exceptionHistory: {
          entries: [
            { ...entry, timestamp: 20, taskName: 'Source (1/2)', taskManagerId: 'tm1', endpoint: 'tm1:6121' },
            { ...entry, timestamp: 10, taskName: null, taskManagerId: null, endpoint: null },
          ],
        },
      }),
    );
    const message = 'IOException: disk full';
    assert.deepEqual(await rest.exceptions(JOB), [
      { at: 10, name: entry.exceptionName, message },
      { at: 20, name: entry.exceptionName, message, task: 'Source (1/2)', taskManager: 'tm1' },
    ]);
  });

  it('reads the rest', async () => {
    server.on('/overview', json({ taskmanagers: 2, 'slots-total': 4, 'slots-available': 2, 'flink-version': '2.2.0' }));
    server.on('/taskmanagers', json({ taskmanagers: [{ id: 'tm1', timeSinceLastHeartbeat: 5 }] }));
    server.on('/jobmanager/config', json([{ key: 'a', value: 'b' }]));
    const config = { mode: 'exactly_once', interval: 2000, timeout: 600000, min_pause: 0, max_concurrent: 1 };
    server.on(`/jobs/${JOB}/checkpoints/config`, json({ ...config, tolerable_failed_checkpoints: 0 }));
    server.on(`/jobs/${JOB}`, json({}, 202));
    assert.deepEqual(await rest.overview(), {
      taskManagers: 2,
      slotsTotal: 4,
      slotsAvailable: 2,
      flinkVersion: '2.2.0',
    });
    assert.deepEqual(await rest.taskManagers(), [{ id: 'tm1', lastHeartbeat: 5 }]);
    assert.deepEqual(await rest.jobManagerConfig(), { a: 'b' });
    assert.equal((await rest.checkpointConfig(JOB)).tolerableFailed, 0);
    await rest.cancel(JOB);
    assert.equal(server.requests.at(-1), `PATCH /jobs/${JOB}?mode=cancel`);
  });

  const wrong: [name: string, body: unknown][] = [
    ['a list', []],
    ['null', null],
    ['no jobs', {}],
    ['a job without tasks', { jobs: [{ ...overview.jobs[0], tasks: undefined }] }],
    ['a count that is a text', { jobs: [{ ...overview.jobs[0], tasks: { ...TASKS, running: '2' } }] }],
    ['no running count', { jobs: [{ ...overview.jobs[0], tasks: { total: 4, finished: 0 } }] }],
  ];
  for (const [name, body] of wrong) {
    it(`refuses an overview that is ${name}`, async () => {
      server.on('/jobs/overview', json(body));
      await assert.rejects(rest.jobsOverview(), (error) => {
        assert.ok(error instanceof FlinchError && error.code === 'FLINK_REST');
        assert.equal(httpFailure(error)?.kind, 'bad-body');
        return true;
      });
    });
  }

  it('says what a JobManager without a leader says', async () => {
    server.on(
      '/jobs/overview',
      json({ errors: ['Service temporarily unavailable due to an ongoing leader election.'] }, 503),
    );
    await assert.rejects(rest.jobsOverview(), (error) => {
      assert.equal(httpFailure(error)?.status, 503);
      assert.match(String(error), /answered 503: Service temporarily unavailable/);
      return true;
    });
  });

  it("counts the job's subtasks by TaskManager, at whichever JobManager answers", async () => {
    const hanging = await startLyingHttp({ [`/jobs/${JOB}`]: hang });
    const deaf = createFlinkRest(hanging.url, { timeoutMs: 50 });
    const vertex = (id: string) => ({ id, name: id, parallelism: 2 });
    const times = { timestamps: { RUNNING: 1 }, now: 2 };
    server.on(
      `/jobs/${JOB}`,
      json({ jid: JOB, name: 'x', state: 'RUNNING', ...times, vertices: ['v1', 'v2'].map(vertex) }),
    );
    const subtask = (index: number, status: string, id: string) => ({
      subtask: index,
      status,
      attempt: 0,
      'taskmanager-id': id,
    });
    server.on(
      `/jobs/${JOB}/vertices/v1`,
      json({ subtasks: [subtask(0, 'RUNNING', 'tm1'), subtask(1, 'RUNNING', 'tm2')] }),
    );
    server.on(
      `/jobs/${JOB}/vertices/v2`,
      json({
        subtasks: [
          subtask(0, 'DEPLOYING', 'tm2'),
          subtask(1, 'SCHEDULED', '(unassigned)'),
          subtask(2, 'FINISHED', 'tm1'),
        ],
      }),
    );
    const { signal } = new AbortController();
    assert.deepEqual(await createPlacement([deaf, rest], () => JOB).subtasksByTaskManager(signal), { tm1: 1, tm2: 2 });
    await assert.rejects(createPlacement([deaf], () => JOB).subtasksByTaskManager(signal), FlinchError);
    await assert.rejects(createPlacement([], () => JOB).subtasksByTaskManager(signal), FlinchError);
    deaf.close();
    await hanging.close();
  });
});

describe("Flink's errors", () => {
  it('are reduced to the innermost cause with its whole message', () => {
    const trace =
      '<Exception on server side:\norg.apache.flink.Outer: failed\n\tat a.b.C(D.java:1)\n' +
      "Caused by: org.apache.flink.table.api.ValidationException: Unable to create a source.\n\nTable options are:\n\n'a'='b'\n\tat x.Y(Z.java:2)\n\t... 5 more\n\nEnd of exception on server side>";
    const cause = "ValidationException: Unable to create a source. Table options are: 'a'='b'";
    assert.equal(rootCauseOfTrace(trace), cause);
    assert.equal(rootCauseOfBody(JSON.stringify({ errors: ['Internal server error.', trace] })), cause);
  });
  it('are shown as they are when they have another form', () => {
    assert.equal(rootCauseOfBody('<html>\n502'), '<html> 502');
    assert.equal(rootCauseOfBody('{"errors": [7]}'), '{"errors": [7]}');
    assert.equal(rootCauseOfTrace('java.lang.OutOfMemoryError'), 'OutOfMemoryError');
    assert.equal(rootCauseOfTrace(''), '');
    assert.ok(rootCauseOfTrace(`a.B: ${'x'.repeat(9999)}`).length <= 500);
  });
});
