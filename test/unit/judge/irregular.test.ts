import assert from 'node:assert/strict';
import type { EventBody, JobRecord, JournalEvent } from '../../../src/journal/events.js';
import type { Irregularity } from '../../../src/judge/findings.js';
import { flapping } from '../../../src/judge/irregular/flapping.js';
import { judge } from '../../../src/judge/judge.js';
import { htmlReport } from '../../../src/report/html.js';
import { DEFAULTS } from '../../support/cases.js';
import { edited, journalOf, leaderKill, MONO, plus, WALL } from '../../support/journal-builder.js';

const story = journalOf(leaderKill());
const found = (events: JournalEvent[]): Irregularity[] => judge(events).irregularities ?? [];
const kinds = (events: JournalEvent[]): string[] => found(events).map(({ kind }) => kind);
const withSettings = (events: JournalEvent[], settings: Record<string, string>): JournalEvent[] =>
  edited(events, (event) => (event.type === 'cluster.up' ? { ...event, settings } : event));
const named = story.find((event) => event.type === 'job.submitted');
const [NAME, ID] = named?.type === 'job.submitted' ? [named.name, named.jobId] : ['', ''];

/** When the second leader of the story made the job, as the story has it. */
const ANEW = 18_500;
const job = (change: Partial<JobRecord> = {}): JobRecord => ({
  id: ID,
  name: NAME,
  state: 'RUNNING',
  startTime: ANEW,
  total: 4,
  running: 4,
  finished: 0,
  ...change,
});
const looks = (times: readonly number[], jobs: (t: number) => JobRecord[]): [number, EventBody][] =>
  times.map((t) => [
    t,
    { type: 'observed.jobs', node: 'jobmanager-3', status: 200, start: MONO + t, end: MONO + t + 20, jobs: jobs(t) },
  ]);
const added = (events: JournalEvent[], more: readonly [number, EventBody][]): JournalEvent[] =>
  more.reduce((all, [t, body]) => plus(all, t, body), events);
const every = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

describe('what should not be', () => {
  it('is nothing in a sound takeover', () => assert.deepEqual(kinds(story), []));

  it('two jobs of one name that run at once, in looks that follow each other', () => {
    const twin = job({ id: 'f'.repeat(32), running: 2 });
    const both = added(
      story,
      looks([30_000, 30_200, 30_400], () => [job(), twin]),
    );
    const [one] = found(both).filter(({ kind }) => kind === 'two jobs of one name');
    assert.match(one?.text ?? '', /2 jobs named .* ran at once, for more than \d+ ms/);
    assert.equal(one?.evidence.length, 2);
    assert.match(judge(both).notes.join('\n'), /2 jobs named/);
    assert.match(htmlReport(both, judge(both)), /What should not be/);
    // One look, another name, or one that has nothing running, are none.
    const once = added(
      story,
      looks([30_000], () => [job(), twin]),
    );
    const others = added(
      story,
      looks([30_000, 30_200], () => [job(), { ...twin, name: 'other' }]),
    );
    const ended = added(
      story,
      looks([30_000, 30_200], () => [job(), { ...twin, running: 0, state: 'CANCELED' }]),
    );
    for (const events of [once, others, ended]) assert.deepEqual(kinds(events), []);
  });

  it('a TaskManager that is listed after its heartbeat has timed out, while others are heard of', () => {
    const settings = { ...DEFAULTS, 'heartbeat.interval': '1s', 'heartbeat.timeout': '6s' };
    const heard = (silent: number): [number, EventBody] => [
      20_000,
      {
        type: 'observed.taskmanagers',
        node: 'jobmanager-2',
        start: MONO + 20_000,
        end: MONO + 20_010,
        oldest: { id: 'tm-1', at: WALL + 20_000 - silent },
        newest: WALL + 20_000,
      },
    ];
    const dead = withSettings(added(story, [heard(12_000)]), settings);
    const [one] = found(dead);
    assert.equal(one?.kind, 'a TaskManager that is dead and listed');
    assert.match(one?.text ?? '', /tm-1 was listed 12\.00 s after it was heard of last/);
    assert.deepEqual(one?.evidence, ['as jobmanager-2 told', 'heartbeat.timeout = 6s']);
    assert.deepEqual(kinds(withSettings(added(story, [heard(9_000)]), settings)), []);
    assert.deepEqual(kinds(added(story, [heard(12_000)])), []);
  });

  it('tasks in one state for longer than the timeout that should have ended it', () => {
    const settings = { ...DEFAULTS, 'slot.request.timeout': '3s' };
    const waiting = job({ running: 0, waiting: { scheduled: 4 } });
    const times = every(30_000, 39_000, 500);
    const [one] = found(
      withSettings(
        added(
          story,
          looks(times, () => [waiting]),
        ),
        settings,
      ),
    );
    assert.equal(one?.kind, 'tasks that are stuck');
    assert.match(one?.text ?? '', /4 of 4 tasks were scheduled for 8\.\d+ s and longer/);
    // A restart in between, or a look at which none waited, begins anew.
    const restarted = looks(times, (t) => [{ ...waiting, startTime: t < 34_000 ? 1 : 2 }]);
    const moved = looks(times, (t) => [t === 34_000 ? job() : waiting]);
    for (const other of [restarted, moved]) assert.deepEqual(kinds(withSettings(added(story, other), settings)), []);
    assert.deepEqual(
      kinds(
        withSettings(
          added(
            story,
            looks(times, () => [waiting]),
          ),
          DEFAULTS,
        ),
      ),
      [],
    );
  });

  it('a checkpoint that was triggered twice by one job', () => {
    const seen = (t: number, id: number, triggeredAt: number): [number, EventBody] => [
      t,
      {
        type: 'observed.checkpoints',
        node: t < 33_000 ? 'jobmanager-1' : 'jobmanager-2',
        start: MONO + t,
        end: MONO + t + 10,
        completed: 9,
        failed: 0,
        latest: { id, triggeredAt: WALL + triggeredAt, completedAt: WALL + triggeredAt + 50 },
      },
    ];
    const twice = added(story, [seen(32_000, 900, 31_000), seen(34_000, 900, 33_500)]);
    const [one] = found(twice);
    assert.equal(one?.kind, 'a checkpoint that was taken twice');
    assert.match(one?.evidence.join('\n') ?? '', /as jobmanager-1 told\ntriggered at .*, as jobmanager-2 told/);
    assert.deepEqual(kinds(added(story, [seen(32_000, 900, 31_000), seen(34_000, 900, 31_000)])), []);
    const anew = edited(twice, (event) => {
      const start = event.mono === MONO + 34_000 && event.type === 'observed.checkpoints';
      return start && named ? [{ ...named, mono: event.mono, wall: event.wall }, event] : event;
    });
    assert.deepEqual(
      kinds(anew).filter((kind) => kind === 'a checkpoint that was taken twice'),
      [],
    );
  });

  it('two leaders at once: tasks of an earlier one that run on after those of the next one ran', () => {
    const old = (running: number) => () => [job({ startTime: 1000, running })];
    // The tasks of the next leader ran from 24.1 s on.
    const both = added(story, looks([25_000, 26_000], old(3)));
    const [one] = found(both);
    assert.equal(one?.kind, 'two leaders at once');
    assert.match(
      one?.text ?? '',
      /had running tasks of the job for more than 1\.\d+ s after those of the next leader ran/,
    );
    assert.match(one?.evidence.join('\n') ?? '', /as jobmanager-3 told\n.*as jobmanager-2 told/);
    // For as long as it takes to give up, without tasks, or before the tasks of the next one.
    for (const [times, running] of [
      [[24_500], 3],
      [[25_000, 26_000], 0],
      [[20_000, 22_000], 3],
    ] as const)
      assert.deepEqual(kinds(added(story, looks(times, old(running)))), []);
  });

  it('a checkpoint that an earlier leader completed after the next one had the job', () => {
    const told = edited(story, (event) => {
      if (event.type !== 'observed.jobs') return event;
      const jobs = event.jobs?.map((one) => ({ ...one, startTime: WALL + one.startTime }));
      return { ...event, ...(jobs && { jobs }) };
    });
    const clock: [number, EventBody] = [
      20_000,
      {
        type: 'observed.execution',
        node: 'jobmanager-2',
        start: MONO + 20_000,
        end: MONO + 20_020,
        now: WALL + 20_010,
        timestamps: { INITIALIZING: WALL + ANEW, RUNNING: WALL + ANEW + 100 },
      },
    ];
    const seen = (triggeredAt: number, completedAt: number): [number, EventBody] => [
      20_500,
      {
        type: 'observed.checkpoints',
        node: 'jobmanager-1',
        start: MONO + 20_500,
        end: MONO + 20_510,
        completed: 9,
        failed: 0,
        latest: { id: 900, triggeredAt: WALL + triggeredAt, completedAt: WALL + completedAt },
      },
    ];
    const late = (...more: [number, EventBody][]) =>
      found(added(told, more)).filter(({ kind }) => kind === 'a checkpoint by an old session');
    const [one] = late(clock, seen(18_000, 18_600));
    assert.match(one?.text ?? '', /checkpoint 900 was completed by a leader after the next one had the job/);
    assert.match(one?.evidence.join('\n') ?? '', /as jobmanager-1 told\nthe next leader made the job at/);
    // By as much as the clocks may differ, by the next leader itself, before it, and where no clock is known.
    assert.deepEqual(late(clock, seen(18_000, 18_515)), []);
    assert.deepEqual(late(clock, seen(18_600, 18_900)), []);
    assert.deepEqual(late(clock, seen(18_000, 18_400)), []);
    assert.deepEqual(late(seen(18_000, 18_600)), []);
  });

  it('leaders that follow one another faster than faults do', () => {
    const history = (times: readonly number[]) => ({
      history: times.map((t, i) => ({
        at: { after: t - 10, by: t },
        session: `s${i}`,
        node: `jobmanager-${1 + (i % 2)}`,
        by: 'watch' as const,
      })),
    });
    const [one] = flapping(history(every(0, 12_000, 1_000)), [0]);
    assert.match(one?.text ?? '', /the leader changed 11 times within a minute/);
    assert.match(one?.evidence[0] ?? '', /in turn: jobmanager-2, jobmanager-1/);
    assert.deepEqual(flapping(history(every(0, 5_000, 1_000)), [0]), []);
    // As many as a fault every ten seconds makes, or spread over time.
    assert.deepEqual(flapping(history(every(0, 60_000, 10_000)), every(0, 60_000, 10_000)), []);
    assert.deepEqual(flapping(history(every(0, 600_000, 30_000)), [0]), []);
  });
});
