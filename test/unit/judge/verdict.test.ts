import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/error.js';
import { NOT_STOPPED } from '../../../src/core/scenario.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { compare } from '../../../src/judge/extent.js';
import type { Verdict } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { exitCodeOf, worst } from '../../../src/judge/verdict.js';
import { atMost, edited, journalOf, leaderKill, plus, without } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());

describe('judge/extent', () => {
  const cases: [atLeast: number, atMost: number | null, low: number | undefined, high: number | undefined, Verdict][] =
    [
      [5, 6, undefined, 6, 'passed'],
      [5, 6, undefined, 5, 'inconclusive'],
      [5, 6, undefined, 4.9, 'failed'],
      [5, null, undefined, 30, 'inconclusive'],
      [31, null, undefined, 30, 'failed'],
      [30, null, undefined, 30, 'inconclusive'],
      [0, 0, 0, 0, 'passed'],
      [1, 1, 0, 0, 'failed'],
      [0, 1, 0, 0, 'inconclusive'],
      [3, null, 1, undefined, 'passed'],
      [0, null, 1, undefined, 'inconclusive'],
      [0, 0, 1, undefined, 'failed'],
      [2, 3, 1, 4, 'passed'],
      [0, 3, 1, 4, 'inconclusive'],
      [3, 5, 1, 4, 'inconclusive'],
      [0, 9, 1, 4, 'inconclusive'],
    ];
  for (const [atLeast, atMost, low, high, verdict] of cases) {
    it(`${atLeast}..${atMost ?? 'open'} against ${low ?? ''}..${high ?? ''} is ${verdict}`, () => {
      const bound = { ...(low === undefined ? {} : { atLeast: low }), ...(high === undefined ? {} : { atMost: high }) };
      assert.equal(compare({ atLeast, atMost }, bound), verdict);
    });
  }

  it('lets the worst win', () => {
    assert.equal(worst(['passed', 'inconclusive']), 'inconclusive');
    assert.equal(worst(['inconclusive', 'failed', 'passed']), 'failed');
    assert.equal(worst([]), 'inconclusive');
  });
});

describe('judge/verdict', () => {
  const trouble = (code: ErrorCode, t: number): JournalEvent[] =>
    plus(clean, t, { type: 'trouble', code, message: 'what happened' });
  const scenario = (change: object): JournalEvent[] =>
    edited(clean, (e) => (e.type === 'run.started' ? { ...e, scenario: { ...e.scenario, ...change } } : e));
  const unsteady = edited(clean, (e) =>
    e.type === 'steady-state' ? { ...e, reached: false, reason: 'lag grows' } : e,
  );
  const pretended = edited(clean, (e) =>
    e.type === 'fault.effective'
      ? { seq: 0, mono: e.mono, wall: e.wall, type: 'fault.not-effective', fault: 0, reason: 'the process lives' }
      : e,
  );
  const downBefore = journalOf(leaderKill({ job: (_, t) => (t < 12_000 ? 'down' : 'good') }));
  const badLedger = edited(clean, (e) =>
    e.type === 'data.produced' ? { ...e, lanes: [{ ...(e.lanes[0] as (typeof e.lanes)[number]), attempted: 5 }] } : e,
  );
  const malformed = edited(clean, (e) =>
    e.type === 'data.read' ? ({ ...e, lanes: null } as unknown as JournalEvent) : e,
  );

  const notStopped = { name: NOT_STOPPED, unit: 'count' as const, atMost: 0, text: 'not held' };
  const withStop = (change: object = {}) =>
    scenario({ objectives: [atMost('recovery', 30_000), notStopped], ...change });
  const stopped = (events: JournalEvent[], verdict: 'failed' | 'inconclusive', t = 20_000) =>
    plus(without(events, 'data.produced', 'data.read'), t, {
      type: 'stopped',
      condition: 0,
      text: 'it is quiet',
      verdict,
    });

  const cases: [name: string, events: JournalEvent[], exit: number, says: RegExp][] = [
    ['stop conditions, none of which held', withStop(), 0, /Every task ran again/],
    ['a stop that is a failure', stopped(withStop(), 'failed'), 1, /^The run was stopped: it is quiet/],
    ['a stop that proves nothing', stopped(withStop(), 'inconclusive'), 2, /the run was stopped: it is quiet/],
    [
      'a stop before the second fault',
      stopped(withStop({ faults: [1, 2].map(() => ({ kind: 'kill', options: {} })) }), 'failed'),
      1,
      /^The run was stopped/,
    ],
    [
      'a stop before any fault was effective',
      stopped(without(withStop(), 'fault.effective', 'fault.healed'), 'failed', 5000),
      2,
      /stopped before a fault was effective/,
    ],
    [
      'a stop after which nothing was healed',
      stopped(without(withStop(), 'fault.healed'), 'failed'),
      2,
      /not proven healed/,
    ],
    ['a clean run passes', clean, 0, /Every task ran again/],
    ['a steady state that was not reached', unsteady, 2, /steady state was not reached: lag grows/],
    ['no word of a steady state', without(clean, 'steady-state'), 2, /no steady state/],
    ['a fault that is not effective', pretended, 2, /not effective: the process lives/],
    ['a fault without proof', without(clean, 'fault.effective'), 2, /not proven effective/],
    ['a healing without proof', without(clean, 'fault.healed'), 2, /not proven healed/],
    ['a crash', without(clean, 'run.ended'), 2, /has no end/],
    ['a job that was down before the fault', downBefore, 2, /not seen running right before/],
    ['no objectives', scenario({ objectives: [] }), 2, /no objective/],
    [
      'two faults planned, one injected',
      scenario({ faults: [1, 2].map(() => ({ kind: 'kill', options: {} })) }),
      2,
      /fault 2/,
    ],
    ['an invalidating trouble', trouble('INTERNAL', 20_000), 2, /INTERNAL: what happened/],
    ['a node that exits before the fault', trouble('NODE_EXITED', 5000), 2, /NODE_EXITED/],
    ['a node that exits after the fault', trouble('NODE_EXITED', 20_000), 0, /Every task/],
    ['a probe without an answer', trouble('FLINK_REST', 20_000), 0, /Every task/],
    ['a ledger that contradicts itself', badLedger, 2, /data balance could not be judged/],
    ['data that makes the judge throw', malformed, 2, /data balance could not be judged/],
    ['a part without data', without(clean, 'data.produced', 'data.read'), 2, /lost, duplicated/],
    ['an interrupt', plus(clean, 20_000, { type: 'interrupted', signal: 'SIGINT' }), 130, /interrupted by SIGINT/],
    ['no events at all', [], 2, /no start/],
  ];
  for (const [name, events, exit, says] of cases) {
    it(`${name}: exit ${exit}`, () => {
      const findings = judge(events);
      assert.match(findings.headline, says);
      assert.equal(exitCodeOf(findings), exit);
      assert.equal(findings.exitCode, exit);
      if (exit !== 0) assert.ok(findings.objectives.every((o) => exit !== 2 || o.verdict !== 'failed'));
    });
  }

  it('passes nothing that was only held until the run was stopped', () => {
    const { objectives } = judge(stopped(withStop(), 'failed'));
    assert.deepEqual(
      objectives.map(({ name, verdict }) => `${name} ${verdict}`),
      ['recovery inconclusive', 'stop failed'],
    );
  });

  it('puts a failed heal above everything, unless a later attempt healed', () => {
    const failed = { type: 'fault.heal-failed' as const, fault: 0, reason: 'no fork', remains: 'jobmanager-1 is down' };
    const late = plus(plus(clean, 35_000, failed), 35_100, { type: 'interrupted', signal: 'SIGTERM' });
    assert.equal(judge(late).exitCode, 5);
    assert.match(judge(late).headline, /left broken: jobmanager-1 is down/);
    assert.equal(judge(plus(clean, 20_000, failed)).exitCode, 0);
  });

  it('never passes a journal that is cut', () => {
    assert.equal(judge(clean, { truncated: true }).outcome, 'inconclusive');
    for (let n = 0; n < clean.length; n += 37) assert.equal(judge(clean.slice(0, n)).exitCode, 2, `cut after ${n}`);
  });

  it('passes over events that it does not know', () => {
    const odd = { seq: 0, mono: 1, wall: 1, type: 'from.the.future' } as unknown as JournalEvent;
    assert.equal(judge([...clean.slice(0, 5), odd, ...clean.slice(5)]).exitCode, 0);
  });

  it('does not change what it judges', () => {
    const before = JSON.stringify(clean);
    judge(clean);
    assert.equal(JSON.stringify(clean), before);
  });

  it('expects harm where the scenario does', () => {
    const harmed = { ...atMost('recovery', 1), atLeast: 5000 };
    const { atMost: _, ...expects } = harmed;
    assert.equal(judge(scenario({ objectives: [expects] })).exitCode, 0);
    assert.equal(
      judge(scenario({ objectives: [{ name: 'lost', unit: 'count', atLeast: 1, text: 'at least 1' }] })).exitCode,
      1,
    );
  });
});
