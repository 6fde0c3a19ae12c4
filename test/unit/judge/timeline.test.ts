import assert from 'node:assert/strict';
import type { EventBody } from '../../../src/journal/events.js';
import type { Extent, Findings, Phase, Verdict } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import {
  atMost,
  edited,
  journalOf,
  leaderKill,
  MONO,
  plus,
  type Story,
  standbyKill,
  taskManagerKill,
} from '../../support/journal-builder.js';

const run = (story: Story): Findings => judge(journalOf(story));
const phase = (findings: Findings, name: Phase['name']): Phase =>
  findings.faults[0]?.phases.find((p) => p.name === name) as Phase;
const holds = (extent: Extent | undefined, truth: number): void => {
  assert.ok(extent, 'there is an interval');
  assert.ok(extent.atLeast <= truth && truth <= (extent.atMost ?? Infinity), `${truth} in ${JSON.stringify(extent)}`);
};
const sharp = (extent: Extent | undefined, ms: number): void =>
  assert.ok(
    extent && (extent.atMost ?? Infinity) - extent.atLeast <= ms,
    `sharper than ${ms}: ${JSON.stringify(extent)}`,
  );
const objective = (findings: Findings, name: string) => findings.objectives.find((o) => o.name === name);

describe('judge/timeline', () => {
  it('counts no checkpoint that completed before the outage: it is none of a job that has recovered', () => {
    const story = leaderKill();
    const early = run({ ...story, checkpoints: [...story.checkpoints, 12_100].sort((a, b) => a - b) });
    const { state, took } = phase(early, 'firstCheckpoint');
    assert.equal(state, 'reached');
    holds(took, 12_900);
    assert.ok((took?.atLeast ?? 0) > 11_000, JSON.stringify(took));
  });

  it('puts each phase of a leader kill into an interval that holds the truth', () => {
    const f = run(leaderKill());
    assert.equal(f.outcome, 'passed');
    const truth = {
      leadershipLost: 6150,
      newLeader: 6400,
      tasksRunning: 12_100,
      firstCheckpoint: 12_900,
      firstOutput: 13_000,
    };
    for (const [name, ms] of Object.entries(truth)) {
      const { state, took } = phase(f, name as Phase['name']);
      assert.equal(state, 'reached', name);
      holds(took, ms);
      sharp(took, 1100);
    }
    assert.ok((phase(f, 'firstCheckpoint').took?.atLeast ?? 0) >= 12_880, 'not before its last acknowledgement');
    // The last bad look began 24.01 s in, the first good one ended at 24.28 s; the fault was there by 12.01 s.
    assert.deepEqual(phase(f, 'tasksRunning').took, { atLeast: 12_000, atMost: 12_280 });
    assert.equal(phase(f, 'caughtUp').state, 'reached');
    holds(f.faults[0]?.outputGap?.extent, 25_000 - 11_400);
    assert.deepEqual(f.leadership?.changes, { atLeast: 1, atMost: 1 });
  });

  it('holds the truth at any sampling and any moment of recovery', () => {
    for (const every of [100, 250, 700]) {
      for (let back = 8000; back < 9000; back += 170) {
        const base = leaderKill();
        const job: Story['job'] = (node, t) => {
          const answer = base.job(node, t);
          if (node === 'jobmanager-1' || t < 19_500) return answer;
          return t < 12_000 + back ? 'running-without-tasks' : 'good';
        };
        holds(phase(run(leaderKill({ every, job })), 'tasksRunning').took, back);
      }
    }
  });

  it('does not take job state RUNNING for recovery', () => {
    const base = leaderKill();
    const f = run(
      leaderKill({
        job: (n, t) =>
          n === 'jobmanager-2' && t > 19_500 ? 'running-without-tasks' : t > 19_500 ? 'refused' : base.job(n, t),
      }),
    );
    assert.equal(phase(f, 'tasksRunning').state, 'not-reached');
    assert.equal(objective(f, 'recovery')?.verdict, 'inconclusive', 'the bound had not passed when observation ended');
  });

  it('fails when the bound has passed without a recovery', () => {
    const story = leaderKill({ objectives: [atMost('recovery', 20_000)] });
    const f = run({ ...story, job: (n, t) => (t < 12_000 ? 'good' : n === 'jobmanager-1' ? 'refused' : 503) });
    assert.equal(f.outcome, 'failed');
    assert.match(f.objectives[0]?.measured ?? '', /^not in/);
  });

  it('knows a standby kill as not impacted, which is not 0 s', () => {
    const f = run(standbyKill());
    assert.equal(f.outcome, 'passed');
    assert.equal(f.faults[0]?.impact?.state, 'none');
    assert.equal(objective(f, 'recovery')?.measured, 'not impacted');
    assert.equal(phase(f, 'tasksRunning').took, undefined);
    assert.equal(phase(f, 'newLeader').state, 'not-impacted');
  });

  const none = { name: 'impact', unit: 'impact', impact: 'none', text: 'none' } as const;
  const hole = (from: number, to: number, last = 90_000): Partial<Story> => ({
    job: (n, t) => ((t > from && t < to) || t > last ? 'skip' : n === 'jobmanager-1' ? 'good' : 'refused'),
    // Nor were Flink's books looked at after it.
    books: (t) => (t < 19_000 ? {} : undefined),
  });

  it('does not claim "not impacted" after sparse looks, nor a bound that an outage between them could have broken', () => {
    const cases: [Partial<Story>, number, Verdict[]][] = [
      [{ every: 1500, books: () => undefined }, 1000, ['inconclusive', 'inconclusive']],
      [hole(15_000, 16_500), 4000, ['inconclusive', 'inconclusive']],
      [hole(15_000, 16_500), 5000, ['passed', 'inconclusive']],
      // It may have restarted where no gap was.
      [{ ...hole(15_000, 16_500), startTime: (t) => (t < 13_000 ? 1000 : 13_000) }, 5000, ['inconclusive', 'failed']],
      // Nobody saw the job run again after it.
      [hole(15_000, 16_500, 20_000), 60_000, ['inconclusive', 'inconclusive']],
    ];
    for (const [change, bound, verdicts] of cases) {
      const f = run(standbyKill({ ...change, objectives: [atMost('recovery', bound), none] }));
      assert.equal(f.faults[0]?.impact?.state, 'unclear');
      assert.deepEqual([bound, ...f.objectives.map(({ verdict }) => verdict)], [bound, ...verdicts]);
    }
    const f = run(standbyKill({ ...hole(15_000, 16_500), objectives: [atMost('recovery', 5000)] }));
    assert.match(f.objectives[0]?.measured ?? '', /^not seen, within 4\.\d\d s$/);
    assert.match(
      f.objectives[0]?.text ?? '',
      /largest gap between looks is 1\..*one that nobody saw was over within 4\./,
    );
    assert.equal(phase(f, 'tasksRunning').state, 'unclear');
  });

  it('claims "not impacted" where Flink restored nothing in a gap between looks, by books that are young enough', () => {
    const restored = { restoredAt: 5_000 };
    const told = (books: NonNullable<Story['books']>, change: Partial<Story> = {}) =>
      run(standbyKill({ ...hole(15_000, 16_500), objectives: [none], ...change, books })).faults[0]?.impact;
    const { state, text } = told(() => restored) ?? {};
    assert.equal(state, 'none');
    assert.match(text ?? '', /in \d+ looks, and Flink restored nothing in the largest gap between them, 1\.\d/);
    // What was answered soon after the gap may have been said before it.
    assert.equal(told((t) => (t < 19_200 ? restored : undefined))?.state, 'unclear');
    assert.equal(told((t) => (t < 19_900 ? restored : undefined))?.state, 'none');
    // There, and with another time: a restart that no look saw.
    assert.equal(told((t) => (t < 15_900 ? restored : { restoredAt: 15_800 }))?.state, 'unclear');
    // Without any checkpoint there was nothing to restore from.
    assert.equal(told(() => ({}), { checkpoints: [18_000, 20_000] })?.state, 'unclear');
    // Unknown from before the fault.
    assert.equal(told((t) => (t > 12_500 ? restored : undefined))?.state, 'unclear');
    // Nobody saw the job run again.
    assert.equal(told(() => restored, hole(15_000, 16_500, 20_000))?.state, 'unclear');
    // An endpoint that the fault has taken away is not heard; one that says another thing is.
    const story = standbyKill({ ...hole(15_000, 16_500), objectives: [none], books: () => restored });
    const other = (t: number, at: number): EventBody => {
      const latest = { id: 1, triggeredAt: 1, completedAt: 2 };
      const look = { node: 'jobmanager-1', start: MONO + t, end: MONO + t + 5 };
      return { type: 'observed.checkpoints', completed: 1, failed: 0, latest, restored: { id: 1, at }, ...look };
    };
    const before = plus(journalOf(story), 11_000, other(11_000, 77));
    assert.equal(judge(before).faults[0]?.impact?.state, 'none');
    assert.equal(judge(plus(before, 21_000, other(21_000, 77))).faults[0]?.impact?.state, 'none');
    assert.equal(judge(plus(before, 21_000, other(21_000, 78))).faults[0]?.impact?.state, 'unclear');
  });

  it('does not claim "not impacted" when Flink restarted the job between two looks', () => {
    const f = run(
      standbyKill({
        startTime: (t) => (t < 13_000 ? 1000 : 13_000),
        objectives: [atMost('recovery', 1), { name: 'impact', unit: 'impact', impact: 'none', text: 'none' }],
      }),
    );
    assert.deepEqual(
      f.objectives.map((o) => o.verdict),
      ['inconclusive', 'failed'],
    );
  });

  it('takes one look without an answer for no outage, and three in a row for one', () => {
    const silent =
      (looks: number): Story['job'] =>
      (n, t) =>
        n === 'jobmanager-2' || (t > 15_000 && t < 15_000 + looks * 250) ? (t < 12_000 ? 'good' : 'refused') : 'good';
    assert.equal(run(standbyKill({ job: silent(1) })).faults[0]?.impact?.state, 'none');
    assert.equal(run(standbyKill({ job: silent(3) })).faults[0]?.impact?.state, 'seen');
  });

  it('leaves to the next fault what a look found that ended when that one was there', () => {
    // Both endpoints are asked from 35.01 s to 35.03 s, and answer that no task runs and that the job was started anew.
    const next = 35_020;
    const change: Partial<Story> = {
      job: (_, t) => (t < 12_000 || (t > 14_000 && t < 35_000) ? 'good' : 'down'),
      startTime: (t) => (t < 35_000 ? 1000 : 35_005),
    };
    const proof = { fault: 1, after: MONO + next, by: MONO + next + 5, evidence: [] };
    const events = plus(journalOf(taskManagerKill(change)), next + 5, { type: 'fault.effective', ...proof });
    const { impact, phases = [] } = judge(events).faults[0] ?? {};
    assert.deepEqual([impact?.state, impact?.outages, impact?.restarted], ['seen', 1, false]);
    assert.deepEqual(phases.find(({ name }) => name === 'tasksRunning')?.state, 'reached');
  });

  it('sees a TaskManager kill through both endpoints, and no change of leader', () => {
    const f = run(taskManagerKill());
    holds(phase(f, 'tasksRunning').took, 6100);
    sharp(phase(f, 'tasksRunning').took, 300);
    assert.equal(phase(f, 'leadershipLost').state, 'not-impacted');
    assert.deepEqual(f.leadership?.changes, { atLeast: 0, atMost: 0 });
  });

  it('counts from the last recovery when the job flaps', () => {
    const f = run(
      taskManagerKill({ job: (_, t) => ((t > 14_100 && t < 16_000) || (t > 20_000 && t < 22_000) ? 'down' : 'good') }),
    );
    assert.equal(f.faults[0]?.impact?.outages, 2);
    holds(phase(f, 'tasksRunning').took, 10_000);
    assert.ok(f.notes.some((note) => note.includes('2 times')));
  });

  it('needs three good looks in a row', () => {
    let looks = 0;
    const job: Story['job'] = (_, t) => (t < 14_000 ? 'good' : ++looks % 6 < 2 ? 'down' : 'good');
    assert.equal(phase(run(taskManagerKill({ job })), 'tasksRunning').state, 'not-reached');
  });

  it('says that a killed leader without a successor was not replaced', () => {
    const story = leaderKill({ newLeaderAt: undefined, objectives: [atMost('phase.newLeader', 20_000)] });
    assert.equal(run(story).objectives[0]?.verdict, 'failed');
    assert.equal(run({ ...story, lostLeaderAt: undefined }).objectives[0]?.verdict, 'failed');
  });

  it('takes a leader whose record was away and is there again for the same leader, once it is seen to be', () => {
    const away = {
      type: 'observed.leader',
      by: 'watch',
      leader: null,
      start: MONO + 12_100,
      end: MONO + 12_110,
    } as const;
    const back = judge(plus(journalOf(standbyKill()), 12_110, away));
    assert.deepEqual(
      ['leadershipLost', 'newLeader'].map((name) => phase(back, name as Phase['name']).state),
      ['reached', 'not-impacted'],
    );
    assert.match(phase(back, 'newLeader').text, /^no other leader: the record of the same session was there again, /);
    // A look that was under way when it went away shows nothing.
    const gone = journalOf(standbyKill({ lostLeaderAt: 12_000 }));
    const old = gone.find((e) => e.type === 'observed.leader');
    assert.ok(old?.type === 'observed.leader');
    const { seq, mono, wall, ...body } = old;
    const late = judge(plus(gone, 50_000, { ...body, start: MONO + 11_900, end: MONO + 50_000 }));
    assert.equal(phase(late, 'newLeader').state, 'not-reached');
  });

  it('uses a watch where it is sharper than the poll', () => {
    const start = MONO + 18_160;
    const events = plus(journalOf(leaderKill()), 18_170, {
      type: 'observed.leader',
      by: 'watch',
      leader: null,
      start,
      end: start + 5,
    });
    sharp(phase(judge(events), 'leadershipLost').took, 190);
  });

  it('does not count a slow answer that is older than what is known as a change of leader', () => {
    const events = journalOf(leaderKill());
    const old = events.find((e) => e.type === 'observed.leader');
    assert.ok(old?.type === 'observed.leader');
    const { seq, mono, wall, ...body } = old;
    const slow = plus(events, 18_700, { ...body, start: MONO + 18_000, end: MONO + 18_690 });
    assert.equal(judge(slow).leadership?.changes.atMost, 1);
  });

  it('leaves a silence open that has not ended', () => {
    const f = run(
      leaderKill({
        commits: [1400, 3400, 5400, 7400, 9400, 11_400],
        objectives: [atMost('outputGap', 45_000), { ...atMost('outputGap', 20_000) }],
      }),
    );
    assert.equal(f.faults[0]?.outputGap?.extent?.atMost, null);
    assert.deepEqual(
      f.objectives.map((o) => o.verdict),
      ['inconclusive', 'failed'],
    );
  });

  it('widens the first checkpoint where one may have been missed', () => {
    const all = journalOf(leaderKill());
    const blind = edited(all, (e) =>
      e.type === 'observed.checkpoints' && e.start > MONO + 12_000 && e.start < MONO + 28_000 ? undefined : e,
    );
    const { took } = phase(judge(blind), 'firstCheckpoint');
    holds(took, 12_900);
  });
});
