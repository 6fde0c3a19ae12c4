import assert from 'node:assert/strict';
import { createFlinkRest, type FlinkRest } from '../../../src/client/flink/rest.js';
import { systemClock } from '../../../src/core/clock.js';
import type { EventBody, EventType } from '../../../src/journal/events.js';
import { Attention } from '../../../src/observe/attention.js';
import { nodeAt, observeAll, observeLeader } from '../../../src/observe/index.js';
import { until } from '../../support/host-processes.js';
import { type Behaviour, hang, json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';
const LEADER = { address: 'http://10.0.0.1:8081', session: 's', owner: '0x1' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const exception = (timestamp: number) => ({
  timestamp,
  exceptionName: 'a.B',
  stacktrace: 'a.B: boom',
  taskName: null,
  taskManagerId: 'tm1',
});
const history = (...times: number[]) => json({ exceptionHistory: { entries: times.map(exception) } });
const PATHS: Record<string, Behaviour> = {
  '/jobs/overview': json({
    jobs: [
      {
        jid: JOB,
        name: 'x',
        state: 'RUNNING',
        'start-time': 1,
        'last-modification': 1,
        tasks: { total: 2, running: 2, finished: 0 },
      },
    ],
  }),
  '/taskmanagers': json({ taskmanagers: ['tm2', 'tm1'].map((id) => ({ id, timeSinceLastHeartbeat: 5 })) }),
  [`/jobs/${JOB}/checkpoints`]: json({
    counts: { completed: 1, failed: 0 },
    latest: { completed: { id: 3, trigger_timestamp: 5, latest_ack_timestamp: 6 }, restored: null },
  }),
  [`/jobs/${JOB}/exceptions`]: history(10),
};

describe('observers', () => {
  const servers: LyingHttpServer[] = [];
  const apis: FlinkRest[] = [];
  async function jobManager(paths = PATHS) {
    const server = await startLyingHttp(paths);
    const api = createFlinkRest(server.url, { timeoutMs: 20_000 });
    servers.push(server);
    apis.push(api);
    return { server, api };
  }
  afterEach(async () => {
    for (const api of apis.splice(0)) api.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  function collector() {
    const events: EventBody[] = [];
    const of = <T extends EventType>(type: T) =>
      events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type);
    return { events, of, emit: (event: EventBody) => void events.push(event) };
  }

  it('look at each JobManager by itself, and stop at once while one hangs', async () => {
    const good = await jobManager();
    const hanging = await jobManager(Object.fromEntries(Object.keys(PATHS).map((path) => [path, hang])));
    const failing = await jobManager({ '/jobs/overview': json({ errors: ['no leader'] }, 503) });
    const { events, of, emit } = collector();
    const before = systemClock.mono();
    const observing = observeAll({
      rest: { good: good.api, hanging: hanging.api, failing: failing.api },
      jobId: () => JOB,
      emit,
      clock: { ...systemClock, sleep: (ms, s) => systemClock.sleep(ms / 4, s) },
    });
    const goods = <T extends EventType>(type: T) =>
      of(type).filter((event) => 'node' in event && event.node === 'good');
    await until('two looks at the jobs', () => goods('observed.jobs').length >= 2);
    await until('a look at the rest', () =>
      (['observed.taskmanagers', 'observed.checkpoints'] as const).every((type) => goods(type).length > 0),
    );
    await until('a look that fails', () => of('observed.jobs').some(({ node }) => node === 'failing'));
    const stopping = Date.now();
    await observing.stop();
    assert.ok(Date.now() - stopping < 5000);
    const count = events.length;

    const jobs = of('observed.jobs').filter(({ node }) => node === 'good');
    assert.ok(jobs.length >= 2, `${jobs.length} looks`);
    assert.deepEqual(jobs[0]?.jobs, [
      { id: JOB, name: 'x', state: 'RUNNING', startTime: 1, total: 2, running: 2, finished: 0 },
    ]);
    for (const { start, end } of jobs) assert.ok(start >= before && end >= start && end <= systemClock.mono());
    assert.equal(
      of('observed.jobs').some(({ node }) => node === 'hanging'),
      false,
    );
    const failed = of('observed.jobs').find(({ node }) => node === 'failing');
    assert.equal(failed?.status, 503);
    assert.match(failed?.error ?? '', /no leader/);
    assert.equal(failed?.jobs, undefined);
    assert.deepEqual(of('observed.taskmanagers').find(({ node }) => node === 'good')?.ids, ['tm1', 'tm2']);
    const [checkpoints] = of('observed.checkpoints').filter(({ node }) => node === 'good');
    assert.deepEqual(checkpoints?.latest, { id: 3, triggeredAt: 5, completedAt: 6 });
    await pause(50);
    assert.equal(events.length, count, 'something was emitted after stop()');
  });

  it('tell each exception once, and nothing of a job that is not there yet', async () => {
    const one = await jobManager();
    const two = await jobManager();
    const { events, of, emit } = collector();
    let job: string | undefined;
    const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(10, signal) };
    const observing = observeAll({ rest: { one: one.api, two: two.api }, jobId: () => job, emit, clock });
    await pause(45);
    assert.equal(
      events.some(({ type }) => type === 'observed.checkpoints' || type === 'observed.exceptions'),
      false,
    );
    job = JOB;
    const exceptions = () => of('observed.exceptions').flatMap(({ entries = [] }) => entries);
    await until('the first exception', () => exceptions().length > 0);
    one.server.on(`/jobs/${JOB}/exceptions`, history(20, 10));
    await until('the second', () => exceptions().length > 1);
    await pause(50);
    await observing.stop();
    const told = of('observed.exceptions');
    assert.deepEqual(
      told.flatMap(({ entries }) => entries?.map(({ at }) => at)),
      [10, 20],
    );
    assert.equal(told[0]?.entries?.[0]?.taskManager, 'tm1');
  });

  it('tell the leader, its node, that there is none, and that nobody knows', async () => {
    const { api } = await jobManager();
    const { of, emit } = collector();
    const controller = new AbortController();
    let changed = () => {};
    let leader: () => Promise<typeof LEADER | undefined> = async () => LEADER;
    const leadership = {
      leader: () => leader(),
      contenders: async () => ['0x1', '0x2'],
      watch: (onChange: () => void) => {
        changed = onChange;
        return () => {
          changed = () => assert.fail('told after the end');
        };
      },
    };
    const slow = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms * 50, signal) };
    const clock = { ...slow, sleep: (ms: number, s?: AbortSignal) => (ms > 25 ? slow : systemClock).sleep(ms, s) };
    const nodeOf = (address: string) => (address === LEADER.address ? 'jobmanager-1' : undefined);
    const done = observeLeader({ leadership, nodeOf, attention: new Attention(systemClock) }, emit, {
      clock,
      signal: controller.signal,
    });
    const looks = (count: number) => until(`look ${count}`, () => of('observed.leader').length >= count);
    await looks(1);
    let count = 1;
    for (const next of [async () => undefined, async () => Promise.reject(new Error('frozen')), async () => LEADER]) {
      leader = next;
      changed();
      count += 1;
      await looks(count);
    }
    for (let storm = 0; storm < 20; storm += 1) changed();
    await looks(count + 1);
    await pause(60);
    controller.abort();
    await done;
    const told = of('observed.leader');
    const known = { node: 'jobmanager-1', ...LEADER };
    assert.deepEqual(
      told.map(({ by }) => by),
      ['poll', 'watch', 'watch', 'watch', 'watch'],
    );
    assert.deepEqual(
      told.map((event) => event.leader),
      [known, null, undefined, known, known],
    );
    assert.deepEqual(
      told.map(({ error }) => error),
      [undefined, undefined, 'frozen', undefined, undefined],
    );
    assert.deepEqual(told[0]?.contenders, ['0x1', '0x2']);
    assert.equal(nodeAt({ a: api }, `${api.baseUrl}/`), 'a');
    assert.equal(nodeAt({ a: api }, 'pekko.tcp'), undefined);
  });

  it('stop when what they tell cannot be taken, and say so', async () => {
    const { api } = await jobManager();
    let tried = false;
    const emit = () => {
      tried = true;
      throw new Error('disk full');
    };
    const observing = observeAll({ rest: { api }, jobId: () => JOB, emit, clock: systemClock });
    await until('something to tell', () => tried);
    await assert.rejects(observing.stop(), /disk full/);
  });
});
