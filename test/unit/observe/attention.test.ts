import assert from 'node:assert/strict';
import type { FlinkRest, JobOverview } from '../../../src/client/flink/rest.js';
import type { EventBody } from '../../../src/journal/events.js';
import { observeAll } from '../../../src/observe/index.js';
import { handClock } from '../../support/hand-clock.js';

const JOB = 'a1';
const job = (running: number): JobOverview => ({
  id: JOB,
  name: 'n',
  state: 'RUNNING',
  startTime: 1,
  changed: 1,
  total: 4,
  running,
  finished: 0,
  tasks: running < 4 ? { scheduled: 4 - running, running } : { running },
});
const OTHER = { ...job(4), id: 'b2', name: 'other' };
const TWIN = { ...job(4), id: 'c3', name: 'n' };
const completed = (id: number) => ({ id, triggeredAt: 10 * id, completedAt: 10 * id + 5 });

/** Two JobManagers, the first of which leads, that answer at once; one that hangs never does. */
function watch() {
  const clock = handClock();
  const asked: Record<string, number> = {};
  const events: EventBody[] = [];
  const stop = new AbortController();
  const state = {
    running: 4,
    hangs: false,
    leader: 'jm-1' as string | undefined,
    latest: 3,
    others: [] as JobOverview[],
    changed: 1,
  };
  const api = (node: string): FlinkRest => {
    const answer = <T>(what: string, value: () => T) => {
      return async (): Promise<T> => {
        asked[`${node} ${what}`] = (asked[`${node} ${what}`] ?? 0) + 1;
        if (state.hangs && node === 'jm-1') await clock.sleep(3_000, stop.signal);
        return value();
      };
    };
    return {
      baseUrl: `http://${node}:8081`,
      jobsOverview: answer('jobs', () => [{ ...job(state.running), changed: state.changed }, ...state.others]),
      taskManagers: answer('taskManagers', () => [
        { id: 'tm-2', lastHeartbeat: 900 },
        { id: 'tm-1', lastHeartbeat: 950 },
        { id: 'tm-3', lastHeartbeat: 0 },
      ]),
      checkpoints: answer('checkpoints', () => ({
        completed: state.latest + 1,
        failed: 0,
        latest: completed(state.latest),
        history: [
          ...Array.from({ length: state.latest }, (_, i) => completed(i + 1)),
          { ...completed(state.latest - 1), id: state.latest + 0.5, savepoint: true as const },
        ].reverse(),
      })),
      exceptions: answer('exceptions', () => []),
      job: answer('job', () => ({ id: JOB, name: 'n', state: 'RUNNING', now: 0, timestamps: {}, vertices: [] })),
    } as unknown as FlinkRest;
  };
  const observing = observeAll({
    rest: { 'jm-1': api('jm-1'), 'jm-2': api('jm-2') },
    leadership: {
      leader: async () =>
        state.leader === undefined ? undefined : { address: `http://${state.leader}:8081`, session: 's', owner: 'o' },
      contenders: async () => ['o'],
    },
    jobId: () => JOB,
    emit: (event) => events.push(event),
    clock,
    signal: stop.signal,
  });
  /** How often each was asked for something, in so many milliseconds. */
  async function during(ms: number): Promise<Record<string, number>> {
    const before = { ...asked };
    await clock.sleep(ms);
    return Object.fromEntries(Object.entries(asked).map(([what, n]) => [what, n - (before[what] ?? 0)]));
  }
  return { during, state, events, observing, stop: () => observing.stop() };
}

describe('how closely JobManagers are watched', () => {
  it('the leader four times a second, the others now and then, while every task runs', async () => {
    const { during, stop } = watch();
    await during(12_000);
    const calm = await during(60_000);
    assert.deepEqual(calm, {
      'jm-1 jobs': 250,
      'jm-2 jobs': 12,
      'jm-1 checkpoints': 60,
      'jm-2 checkpoints': 2,
      'jm-1 taskManagers': 12,
      'jm-2 taskManagers': 2,
      'jm-1 exceptions': 6,
      'jm-2 exceptions': 2,
      'jm-1 job': 6,
      'jm-2 job': 2,
    });
    await stop();
  });

  for (const [what, change] of [
    ['a task does not run', { running: 3 }],
    ['nobody leads', { leader: undefined }],
    ['another one leads', { leader: 'jm-2', running: 0 }],
  ] as const) {
    it(`all of them as closely as can be, at once, when ${what}`, async () => {
      const { during, state, stop } = watch();
      await during(12_000);
      Object.assign(state, change);
      await during(500);
      const alarmed = await during(10_000);
      assert.deepEqual([alarmed['jm-1 jobs'], alarmed['jm-2 jobs']], [50, 50]);
      assert.deepEqual([alarmed['jm-1 checkpoints'], alarmed['jm-2 job'], alarmed['jm-2 exceptions']], [20, 20, 10]);
      await stop();
    });
  }

  for (const [what, happens] of [
    [
      'a task was started anew between two looks',
      ({ state }: ReturnType<typeof watch>) => Object.assign(state, { changed: 2 }),
    ],
    ['something is about to happen', ({ observing }: ReturnType<typeof watch>) => observing.alert()],
  ] as const) {
    it(`all of them for ten seconds, and then as before, when ${what}`, async () => {
      const watching = watch();
      const { during, stop } = watching;
      await during(12_000);
      happens(watching);
      await during(500);
      const [alarmed, calmer] = [await during(9_000), await during(1_500).then(() => during(10_000))];
      assert.deepEqual([alarmed['jm-1 job'], alarmed['jm-2 jobs']], [18, 45]);
      assert.deepEqual([calmer['jm-1 job'], calmer['jm-2 jobs']], [1, 2]);
      await stop();
    });
  }

  it('the others when the leader gives no answer in time, long before it is given up', async () => {
    const { during, state, stop } = watch();
    await during(12_000);
    state.hangs = true;
    await during(1_000);
    const alarmed = await during(2_000);
    assert.ok((alarmed['jm-2 jobs'] ?? 0) >= 9, JSON.stringify(alarmed));
    await stop();
  });

  it('tells of the job, of those of its name, and of no other', async () => {
    const { during, state, events, stop } = watch();
    state.others = [OTHER, TWIN];
    await during(1_000);
    const looks = events.flatMap((event) => (event.type === 'observed.jobs' ? [event.jobs] : []));
    assert.deepEqual(
      looks.at(-1)?.map(({ id }) => id),
      [JOB, TWIN.id],
    );
    assert.equal(looks.at(-1)?.[0]?.waiting, undefined);
    state.running = 1;
    await during(1_000);
    const last = events.findLast((event) => event.type === 'observed.jobs');
    assert.deepEqual(last?.type === 'observed.jobs' && last.jobs?.[0]?.waiting, { scheduled: 3 });
    await stop();
  });

  it('tells of every checkpoint between two looks, with the count as it was then', async () => {
    const { during, state, events, stop } = watch();
    await during(12_000);
    state.latest = 6;
    await during(1_100);
    await stop();
    const told = events.flatMap((event) =>
      event.type === 'observed.checkpoints' && event.node === 'jm-1' ? [[event.latest?.id, event.completed]] : [],
    );
    assert.deepEqual(told.slice(-4), [
      [3, 4],
      // Of savepoints the counter knows, but they are none that a job goes back to.
      [4, 4],
      [5, 5],
      [6, 7],
    ]);
  });

  it('tells of TaskManagers when they change, and now and then when they were heard of', async () => {
    const { during, events, stop } = watch();
    await during(5_000);
    await stop();
    const told = events.flatMap((event) =>
      event.type === 'observed.taskmanagers' && event.node === 'jm-1' ? [event] : [],
    );
    assert.deepEqual(told[0]?.ids, ['tm-1', 'tm-2', 'tm-3']);
    // What was never heard of has just come.
    assert.deepEqual(told[0]?.oldest, { id: 'tm-2', at: 900 });
    assert.equal(told[0]?.newest, 950);
    assert.equal(told[1]?.ids, undefined);
    assert.ok(told.length >= 2 && told.length <= 3, `${told.length}`);
  });
});
