import assert from 'node:assert/strict';
import { createJobCheckpoints } from '../../../src/client/flink/job-checkpoints.js';
import { createPlacement } from '../../../src/client/flink/placement.js';
import { createFlinkRest, type FlinkRest } from '../../../src/client/flink/rest.js';
import { json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';

describe('what a job runs on, by Flink REST', () => {
  let server: LyingHttpServer;
  let rest: FlinkRest;
  before(async () => {
    server = await startLyingHttp();
    rest = createFlinkRest(server.url, { timeoutMs: 10_000 });
  });
  after(async () => {
    rest.close();
    await server.close();
  });

  it('knows the jobs that the leader runs or has seen end, and not what it had before it lost the leadership', async () => {
    const tasks = { running: 0, finished: 0, initializing: 0, total: 0 };
    const job = (jid: string, state: string) => ({
      jid,
      name: 'x',
      state,
      'start-time': 1,
      'last-modification': 1,
      tasks,
    });
    const jobs = [job('a', 'RUNNING'), job('b', 'CANCELED'), job('c', 'SUSPENDED'), job('d', 'RESTARTING')];
    server.on('/jobs/overview', json({ jobs }));
    const placement = createPlacement([rest], () => JOB);
    assert.deepEqual(await placement.jobs(new AbortController().signal), {
      a: { ended: false },
      b: { ended: true },
      d: { ended: false },
    });
  });

  it('tells by TaskManager what runs there of sources and sinks, and how much state its subtasks have', async () => {
    const vertices = [
      { id: 'a', name: 'Source: in[1] -> Map', parallelism: 2 },
      { id: 'b', name: 'GroupAggregate[3] -> out[5]: Writer -> out[5]: Committer', parallelism: 1 },
    ];
    server.on(`/jobs/${JOB}`, json({ jid: JOB, name: 'x', state: 'RUNNING', now: 1, timestamps: {}, vertices }));
    const placed = (ids: string[]) =>
      ids.map((id, subtask) => ({ subtask, status: 'RUNNING', attempt: 0, 'taskmanager-id': id }));
    server.on(`/jobs/${JOB}/vertices/a`, json({ subtasks: placed(['tm1', 'tm2']) }));
    server.on(`/jobs/${JOB}/vertices/b`, json({ subtasks: placed(['tm2']) }));
    const { signal } = new AbortController();
    const placement = createPlacement([rest], () => JOB);
    assert.deepEqual(
      [
        await placement.subtasksByTaskManager(signal),
        await placement.subtasksByTaskManager(signal, 'source'),
        await placement.subtasksByTaskManager(signal, 'sink'),
      ],
      [{ tm1: 1, tm2: 2 }, { tm1: 1, tm2: 1 }, { tm2: 1 }],
    );
    const entry = { is_savepoint: false, trigger_timestamp: 1, num_subtasks: 3, num_acknowledged_subtasks: 3 };
    const history = [
      { ...entry, id: 9, status: 'IN_PROGRESS' },
      { ...entry, id: 8, status: 'COMPLETED' },
    ];
    server.on(`/jobs/${JOB}/checkpoints`, json({ history }));
    const size = (index: number, state_size: number) => ({ index, status: 'completed', ack_timestamp: 5, state_size });
    server.on(`/jobs/${JOB}/checkpoints/details/8/subtasks/a`, json({ subtasks: [size(0, 10), size(1, 20)] }));
    server.on(`/jobs/${JOB}/checkpoints/details/8/subtasks/b`, json({ subtasks: [size(0, 500)] }));
    const checkpoints = createJobCheckpoints([rest], () => JOB);
    assert.deepEqual(await checkpoints.state(signal), { id: 8, bytes: { tm1: 10, tm2: 520 } });
  });

  it('reads and sets the bounds of the parallelism', async () => {
    const path = `/jobs/${JOB}/resource-requirements`;
    server.on(path, json({ v1: { parallelism: { lowerBound: 1, upperBound: 2 } } }));
    assert.deepEqual(await rest.requirements(JOB), { v1: { least: 1, most: 2 } });
    await rest.require(JOB, { v1: { least: 1, most: 4 } });
    assert.equal(server.requests.at(-1), `PUT ${path} {"v1":{"parallelism":{"lowerBound":1,"upperBound":4}}}`);
  });
});
