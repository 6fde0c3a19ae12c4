import assert from 'node:assert/strict';
import { createFlinkRest, type FlinkRest } from '../../../src/client/flink/rest.js';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { observeAll } from '../../../src/observe/index.js';
import { edited, journalOf, leaderKill } from '../../support/journal-builder.js';
import { MONO, WALL } from '../../support/journal-stories.js';
import { type Behaviour, json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

/** So many times as fast as the clock on the wall. */
const FAST = 10;
const JOB = 'f'.repeat(32);
/** Milliseconds since the observers began: the fault, the takeover, slots, tasks at their TaskManagers, all running; long after it the end. */
const [FAULT, TAKEN_OVER, SLOTS, DEPLOYED, RUNNING, END] = [5_000, 9_000, 11_000, 12_000, 14_000, 26_000];
const CACHED = 3_000;

/** A JobManager that says RUNNING before a task runs, answers from its cache, or not at all. */
function lyingJobManager(now: () => number, everyThing: boolean): Record<string, Behaviour> {
  const wall = (t: number) => WALL + t;
  let cache = { at: Number.NEGATIVE_INFINITY, of: 0 };
  /** The moment whose state it tells: Flink's cache of the execution graph. */
  const cached = () => {
    if (now() - cache.at > CACHED) cache = { at: now(), of: now() };
    return cache.of;
  };
  const unlessAway =
    (answer: () => unknown): Behaviour =>
    (request, response, body) => {
      const t = now();
      const away = t > FAULT + 500 && t < TAKEN_OVER;
      json(away ? { errors: ['the leader does not answer'] } : answer(), away ? 500 : 200)(request, response, body);
    };
  const overview = () => {
    const t = now();
    const running = t < FAULT || t >= RUNNING ? 2 : 0;
    const tasks = { total: 2, running, finished: 0, scheduled: 2 - running };
    const startTime = wall(t < FAULT ? -60_000 : TAKEN_OVER);
    return {
      jobs: [{ jid: JOB, name: 'x', state: 'RUNNING', 'start-time': startTime, 'last-modification': startTime, tasks }],
    };
  };
  const details = () => {
    const t = cached();
    const made = wall(t < FAULT ? -60_000 : TAKEN_OVER);
    const timestamps = { INITIALIZING: made, CREATED: made + 200, RUNNING: made + 300, RESTARTING: 0 };
    return {
      jid: JOB,
      name: 'x',
      state: 'RUNNING',
      now: wall(now()),
      timestamps,
      // It says of its tasks what it says of the job: that they run.
      vertices: [{ id: 'v', name: 'v', parallelism: 2, tasks: { RUNNING: 2 } }],
    };
  };
  const subtasks = () => {
    const t = cached();
    const made = t < FAULT ? -60_000 : TAKEN_OVER + 250;
    const known = (at: number) => (t < FAULT ? wall(made + 10) : t >= at ? wall(at) : 0);
    const timestamps = {
      ...{ CREATED: wall(made), SCHEDULED: wall(made + 5), DEPLOYING: known(SLOTS), INITIALIZING: known(DEPLOYED) },
      ...{ RUNNING: known(RUNNING), FAILED: 0 },
    };
    return { subtasks: [0, 1].map((subtask) => ({ subtask, timestamps })) };
  };
  return {
    '/jobs/overview': unlessAway(overview),
    ...(everyThing && {
      [`/jobs/${JOB}`]: unlessAway(details),
      [`/jobs/${JOB}/vertices/v/subtasktimes`]: unlessAway(subtasks),
    }),
    [`/jobs/${JOB}/checkpoints`]: unlessAway(() => ({ counts: { completed: 7, failed: 0 }, latest: {} })),
    [`/jobs/${JOB}/exceptions`]: unlessAway(() => ({ exceptionHistory: { entries: [] } })),
    '/taskmanagers': unlessAway(() => ({ taskmanagers: [] })),
  };
}

describe('a REST peer that lies', () => {
  let server: LyingHttpServer;
  let api: FlinkRest;
  // The first request would wait for it, and time goes fast here.
  before(() => import('axios'));
  afterEach(async () => {
    api?.close();
    await server?.close();
  });

  /** What is judged of what the observers see of it. */
  async function observed(everyThing: boolean) {
    const began = systemClock.mono();
    const now = () => (systemClock.mono() - began) * FAST;
    const clock: Clock = {
      mono: () => MONO + now(),
      wall: () => WALL + now(),
      sleep: (ms, signal) => systemClock.sleep(ms / FAST, signal),
    };
    server = await startLyingHttp(lyingJobManager(now, everyThing));
    api = createFlinkRest(server.url);
    const seen: JournalEvent[] = [];
    const observing = observeAll({
      rest: { 'jobmanager-2': api },
      jobId: () => JOB,
      emit: (event) => void seen.push({ seq: 0, mono: clock.mono(), wall: clock.wall(), ...event }),
      clock,
    });
    await clock.sleep(END);
    await observing.stop();
    const story = leaderKill({ faultAt: FAULT, quiesceAt: END - 500, endAt: END });
    const told = edited(journalOf(story), (event) => {
      if (event.type === 'job.submitted') return { ...event, jobId: JOB };
      const ofRest = /^observed\.(jobs|checkpoints|taskmanagers|exceptions|execution)$/.test(event.type);
      return ofRest ? undefined : event;
    });
    const events = [...told, ...seen].sort((a, b) => a.mono - b.mono).map((event, seq) => ({ ...event, seq }));
    const [fault] = judge(events).faults;
    assert.ok(fault);
    const took = (name: string) => fault.phases.find((phase) => phase.name === name)?.took;
    return { fault, took };
  }
  const holds = (extent: { atLeast: number; atMost: number | null } | undefined, truth: number) => {
    const text = JSON.stringify(extent);
    assert.ok(extent, text);
    assert.ok(extent.atLeast <= truth && (extent.atMost ?? Number.POSITIVE_INFINITY) >= truth, `${truth}: ${text}`);
  };

  it('never yields an early recovery: RUNNING without tasks, 500 of a survivor, answers from its cache', async () => {
    const { fault, took } = await observed(true);
    holds(took('tasksRunning'), RUNNING - FAULT);
    holds(took('slotsAllocated'), SLOTS - FAULT);
    holds(took('deployed'), DEPLOYED - FAULT);
    holds(took('stateRestored'), RUNNING - FAULT);
    holds(took('jobGraphRecovered'), TAKEN_OVER - FAULT);
    assert.equal(fault.failover, 'JobManager failover');
  });

  it('nor where it hides the times of its tasks', async () => {
    const { fault, took } = await observed(false);
    holds(took('tasksRunning'), RUNNING - FAULT);
    assert.equal(fault.phases.find(({ name }) => name === 'stateRestored')?.state, 'unclear');
  });
});
