import assert from 'node:assert/strict';
import type { JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { faultWindows } from '../../../src/judge/windows.js';
import { edited, journalOf, leaderKill, MONO, plus } from '../../support/journal-builder.js';

const SECOND = 5000;

/** A leader kill, and five seconds after it, before there is another leader, a kill of the other JobManager. */
function twoKills(beside: boolean): JournalEvent[] {
  const story = leaderKill();
  const kill = { kind: 'kill', options: { node: 'jobmanager.leader' } };
  const at = story.faultAt + SECOND;
  const resolved = { kind: 'kill', selector: 'jobmanager.any', node: 'jobmanager-2', evidence: [] };
  let events = edited(journalOf(story), (event) =>
    event.type === 'run.started'
      ? { ...event, scenario: { ...event.scenario, faults: [kill, { ...kill, ...(beside ? { beside: true } : {}) }] } }
      : event,
  );
  const seen = {
    type: 'fault.triggered',
    fault: 1,
    on: 'leader changed',
    after: MONO + at,
    by: MONO + at + 1,
  } as const;
  events = plus(events, at + 1, { ...seen, evidence: ['jobmanager-2 leads'] });
  events = plus(events, at + 2, { type: 'fault.resolved', fault: 1, ...resolved });
  events = plus(events, at + 9, {
    type: 'fault.effective',
    fault: 1,
    after: MONO + at,
    by: MONO + at + 8,
    evidence: [],
  });
  const healed = story.healedAt - 100;
  return plus(events, healed, {
    type: 'fault.healed',
    fault: 1,
    after: MONO + healed - 50,
    by: MONO + healed,
    evidence: [],
  });
}

describe('faults together are judged', () => {
  it('as one, from the first: what the second caused counts from there', () => {
    const { outcome, objectives, faults, headline } = judge(twoKills(true));
    assert.equal(outcome, 'passed');
    const recovery = objectives.find(({ name }) => name === 'recovery');
    assert.deepEqual(recovery?.extent, { atLeast: 12_000, atMost: 12_280 });
    assert.ok(!/fault \d/.test(recovery?.text ?? ''), recovery?.text);
    assert.ok(!headline.includes('worst of'), headline);
    const running = faults.map(({ phases }) => phases.find(({ name }) => name === 'tasksRunning')?.took?.atMost);
    assert.deepEqual(running, [12_280, 12_280 - SECOND]);
    assert.deepEqual(faults[1]?.evidence[0], { of: 'triggered', lines: ['leader changed', 'jobmanager-2 leads'] });
  });

  it('as one also where records are told by the fault in whose time they were produced', () => {
    const windows = (events: JournalEvent[]) =>
      faultWindows(events, judge(events).faults).map(({ fault, from, to }) => [fault, to - from]);
    // To the first output after the later healing: 16 s after the first fault, less than half a second more.
    const [[fault = -1, lasts = 0] = [], ...more] = windows(twoKills(true));
    assert.deepEqual([fault, more], [0, []]);
    assert.ok(lasts >= 15_900 && lasts < 16_500, `${lasts}`);
    assert.deepEqual(
      windows(twoKills(false)).map(([of]) => of),
      [0, 1],
    );
  });

  it('one after the other: the first has not recovered when the second comes, which does not find the job running', () => {
    const { outcome, reasons, objectives } = judge(twoKills(false));
    assert.equal(outcome, 'inconclusive');
    assert.deepEqual(reasons, ['the job was not seen running right before fault 2']);
    assert.match(objectives.find(({ name }) => name === 'recovery')?.text ?? '', /fault 1: .*was not seen/);
  });
});
