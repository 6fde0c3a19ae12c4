import assert from 'node:assert/strict';
import type { EventBody, JournalEvent, StartedTasks } from '../../../src/journal/events.js';
import { EXECUTION_PHASES } from '../../../src/judge/execution-phases.js';
import type { Phase } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { journalOf, leaderKill, plus, standbyKill, taskManagerKill } from '../../support/journal-builder.js';
import { MONO, WALL } from '../../support/journal-stories.js';

const FAULT = leaderKill().faultAt;

interface Told {
  node?: string;
  /** When Flink was asked, after the fault took effect; how long the answer took; how far its clock is ahead. */
  at: number;
  tookMs?: number;
  ahead?: number;
  /** After the fault took effect, by the node's clock less `ahead`. */
  times: Record<string, number>;
  tasks?: Omit<StartedTasks, 'scheduled' | 'deploying' | 'initializing' | 'ran'> &
    Partial<Record<'scheduled' | 'deploying' | 'initializing' | 'ran', number>>;
}

function look({ node = 'jobmanager-2', at, tookMs = 20, ahead = 0, times, tasks }: Told): EventBody {
  const wall = (t: number) => WALL + FAULT + t + ahead;
  const start = MONO + FAULT + at;
  const { total = 0, started = 0, running = 0, ...entered } = tasks ?? {};
  const pairs = Object.entries(entered).map(([state, t]) => [state, [wall(t - 40), wall(t)]]);
  return {
    type: 'observed.execution',
    ...{ node, start, end: start + tookMs, now: wall(at + tookMs / 2) },
    timestamps: Object.fromEntries(Object.entries(times).map(([state, t]) => [state, wall(t)])),
    ...(tasks && { tasks: { total, started, running, ...Object.fromEntries(pairs) } }),
  };
}

function told(events: JournalEvent[], ...looks: Told[]) {
  const all = looks.reduce((journal, it) => plus(journal, FAULT + it.at + (it.tookMs ?? 20), look(it)), events);
  const [fault] = judge(all).faults;
  assert.ok(fault);
  const phase = (name: string): Phase => {
    const found = fault.phases.find((it) => it.name === name);
    assert.ok(found, `${name} is not among ${fault.phases.map((it) => it.name)}`);
    return found;
  };
  /** Milliseconds since the fault, the earliest and the latest. */
  const took = (name: string) => [phase(name).took?.atLeast, phase(name).took?.atMost];
  return { fault, phase, took, names: fault.phases.filter(({ state }) => state === 'reached').map(({ name }) => name) };
}

const BEFORE: Told = { at: -5_000, times: { INITIALIZING: -11_000, CREATED: -10_900, RUNNING: -10_500 } };
const TAKEN_OVER: Told = {
  at: 12_400,
  times: { INITIALIZING: 7_000, CREATED: 8_000, RUNNING: 8_400 },
  tasks: { total: 4, started: 4, running: 4, scheduled: 8_450, deploying: 9_000, initializing: 9_300, ran: 12_050 },
};
const RESTARTED: Told = {
  at: 6_400,
  times: { INITIALIZING: -11_000, CREATED: -10_900, RESTARTING: 2_200, RUNNING: 3_300 },
  tasks: { total: 4, started: 4, running: 4, scheduled: 3_310, deploying: 3_500, initializing: 3_600, ran: 6_050 },
};

describe("judge: what Flink's own times tell", () => {
  it('a takeover: the job anew at the new leader, then slots, deployment and state', () => {
    const { fault, took, names } = told(journalOf(leaderKill()), BEFORE, TAKEN_OVER);
    assert.equal(fault.failover, 'JobManager failover');
    assert.deepEqual(names.slice(0, 7), [
      ...[
        'detected',
        'leadershipLost',
        'newLeader',
        'jobGraphRecovered',
        'slotsAllocated',
        'deployed',
        'stateRestored',
      ],
    ]);
    // 20 ms for the answer, 10 ms between the two bounds of the fault's effect, 2 ms for whole milliseconds.
    assert.deepEqual(took('jobGraphRecovered'), [6_979, 7_011]);
    assert.deepEqual(took('slotsAllocated'), [8_979, 9_011]);
    assert.deepEqual(took('deployed'), [9_279, 9_311]);
    assert.deepEqual(took('stateRestored'), [12_029, 12_061]);
    assert.deepEqual(took('detected'), took('leadershipLost'));
  });

  it('a takeover all the same where the job is restarted once more after it', () => {
    const again = { ...TAKEN_OVER, times: { ...TAKEN_OVER.times, RESTARTING: 8_600, RUNNING: 8_900 } };
    const { fault, took } = told(journalOf(leaderKill()), BEFORE, again);
    assert.equal(fault.failover, 'JobManager failover');
    assert.deepEqual(took('backoffOver'), [8_879, 8_911]);
  });

  it('a new start where somebody submitted it again, and a takeover where it was made after that', () => {
    const journal = journalOf(leaderKill());
    const submitted = journal.find((event) => event.type === 'job.submitted');
    assert.ok(submitted?.type === 'job.submitted');
    const { type, jobId, name, input, output, statements } = submitted;
    const again: EventBody = { type, jobId, name, input, output, statements };
    const at = (t: number) => told(plus(journal, FAULT + t, again), BEFORE, TAKEN_OVER).fault.failover;
    assert.equal(at(7_500), 'new start of the job');
    assert.equal(at(6_500), 'JobManager failover');
  });

  it('a restart: detected when it began, the delay, then the rest', () => {
    const { fault, took, names } = told(
      journalOf(taskManagerKill()),
      { ...BEFORE, node: 'jobmanager-1' },
      {
        ...RESTARTED,
        node: 'jobmanager-1',
      },
    );
    assert.equal(fault.failover, 'restart of the whole job');
    assert.deepEqual(names.slice(0, 5), ['detected', 'backoffOver', 'slotsAllocated', 'deployed', 'stateRestored']);
    assert.deepEqual(took('detected'), [2_179, 2_211]);
    assert.deepEqual(took('backoffOver'), [3_279, 3_311]);
    assert.deepEqual(took('stateRestored'), [6_029, 6_061]);
  });

  it('a restart of a region: fewer tasks than the job has', () => {
    const region = {
      ...RESTARTED,
      node: 'jobmanager-1',
      tasks: { ...RESTARTED.tasks, total: 4, started: 1, running: 1 },
    };
    const { fault, phase } = told(journalOf(taskManagerKill()), region);
    assert.equal(fault.failover, 'restart of a region');
    assert.match(phase('deployed').text, /^1 of 4 tasks were at their TaskManagers, 3\.58 s to 3\.61 s after/);
  });

  it("by the JobManager's own clock, however wrong it is", () => {
    const ahead = 3_600_000;
    const { took } = told(journalOf(leaderKill()), { ...TAKEN_OVER, ahead });
    assert.deepEqual(took('stateRestored'), [12_029, 12_061]);
  });

  it('narrowed by every answer of that process, and by none of a clock that was set', () => {
    const quick = { ...TAKEN_OVER, at: 13_000, tookMs: 2, times: { ...TAKEN_OVER.times, RUNNING: 8_401 } };
    const { took } = told(journalOf(leaderKill()), TAKEN_OVER, quick);
    assert.deepEqual(took('jobGraphRecovered'), [6_988, 7_002]);
    const other = { ...quick, ahead: -60_000, at: 500, times: {} };
    assert.deepEqual(told(journalOf(leaderKill()), other, TAKEN_OVER).took('jobGraphRecovered'), [6_979, 7_011]);
  });

  it('as the leader tells them: another JobManager hands them on with a clock of its own', () => {
    // What a standby says comes last, and its clock is a minute behind the leader's.
    const standby = { ...TAKEN_OVER, node: 'jobmanager-1', at: 13_500 };
    const skewed = { ...look(standby), now: WALL + FAULT + 13_510 + 60_000 } as EventBody;
    const events = plus(journalOf(leaderKill()), FAULT + 13_600, skewed);
    assert.deepEqual(told(events, TAKEN_OVER).took('stateRestored'), [12_029, 12_061]);
  });

  it('not at all where they lie ahead of the clock that tells them', () => {
    const wrong = { ...look(TAKEN_OVER), now: WALL + FAULT + 2_000 } as EventBody;
    const { phase } = told(plus(journalOf(leaderKill()), FAULT + 12_500, wrong));
    assert.equal(phase('stateRestored').state, 'unclear');
  });

  it('nothing where nobody has seen them, and no recovery is held up for that', () => {
    const { fault, phase } = told(journalOf(leaderKill()), BEFORE);
    assert.equal(fault.failover, undefined);
    for (const name of ['slotsAllocated', 'deployed', 'stateRestored'])
      assert.equal(phase(name).state, 'unclear', name);
    assert.equal(phase('tasksRunning').state, 'reached');
  });

  it('how far the tasks had come, of a job that did not come back', () => {
    const stuck = leaderKill({ job: (node, t) => (t < FAULT ? 'good' : node === 'jobmanager-1' ? 'refused' : 'down') });
    const tasks = { total: 4, started: 4, running: 1, scheduled: 8_450, deploying: 9_000 };
    const { phase } = told(journalOf(stuck), { ...TAKEN_OVER, tasks });
    for (const name of ['slotsAllocated', 'stateRestored']) {
      assert.equal(phase(name).state, 'not-reached', name);
      assert.match(phase(name).text, /^1 of 4 tasks ran when they were last seen in the time observed, more than/);
    }
  });

  it('and says where they contradict the counts of running tasks', () => {
    const notes = (ran: number) => {
      const tasks = { total: 4, started: 4, running: 4, deploying: 9_000, initializing: 9_300, ran };
      const event = look({ ...TAKEN_OVER, at: 17_000, tasks });
      return judge(plus(journalOf(leaderKill()), FAULT + 17_100, event)).notes.filter((it) => /contradict/.test(it));
    };
    assert.deepEqual(notes(12_050), []);
    assert.match(notes(14_050).join(), /^fault 1: the moments of the tasks .* contradict each other by 1\.7\d s$/);
    assert.match(notes(9_900).join(), /contradict each other by 2\.\d\d s$/);
  });

  it('nothing of a start that was whole where a later one is not, or the job was down afterwards for good', () => {
    const stuck = leaderKill({
      job: (node, t) => {
        if (t < FAULT) return 'good';
        if (node === 'jobmanager-1') return 'refused';
        return t > FAULT + 12_100 && t < FAULT + 14_000 ? 'good' : 'down';
      },
    });
    const again: Told = {
      at: 15_000,
      times: { ...TAKEN_OVER.times, RESTARTING: 14_050 },
      tasks: { total: 4, started: 0, running: 0 },
    };
    for (const looks of [[TAKEN_OVER, again], [TAKEN_OVER]]) {
      const { phase, fault } = told(journalOf(stuck), ...looks);
      assert.equal(phase('tasksRunning').state, 'not-reached');
      for (const name of ['slotsAllocated', 'deployed', 'stateRestored'])
        assert.equal(phase(name).state, 'not-reached', name);
      assert.equal(fault.failover, undefined);
    }
    assert.equal(told(journalOf(leaderKill()), TAKEN_OVER, again).phase('stateRestored').state, 'unclear');
  });

  it('no restart where none was felt', () => {
    const { fault, phase } = told(journalOf(standbyKill()), BEFORE);
    assert.equal(fault.failover, undefined);
    for (const name of EXECUTION_PHASES) assert.equal(phase(name).state, 'not-impacted', name);
  });

  it('each phase with where it was read', () => {
    const { fault } = told(journalOf(leaderKill()), BEFORE, TAKEN_OVER);
    for (const { name, source } of fault.phases) assert.ok(source.length > 0, name);
  });
});
