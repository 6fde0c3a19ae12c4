import assert from 'node:assert/strict';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { atMost, journalOf, leaderKill, plus, standbyKill } from '../../support/journal-builder.js';
import { MONO } from '../../support/journal-stories.js';

const FAULT_AT = leaderKill().faultAt;
const objectives = [atMost('recovery', 5_000), { ...atMost('leaderChanges', 0, 'count'), atLeast: 0 }];
const slow = journalOf(leaderKill({ objectives }));

const disturbed = (at: number, ms: number, share?: number): EventBody => ({
  type: 'machine.disturbed',
  ...(share === undefined ? { why: 'stood-still' } : { why: 'taken', share }),
  after: MONO + FAULT_AT + at,
  by: MONO + FAULT_AT + at + ms,
});
const withAll = (...bodies: EventBody[]): JournalEvent[] =>
  bodies.reduce<JournalEvent[]>((events, body) => plus(events, FAULT_AT + 9_000, body), slow);

describe('judge/disturbances', () => {
  it('leaves undecided what time-outs decide, and says when the machine was not itself', () => {
    assert.equal(judge(slow).verdict, 'failed');
    const { verdict, exitCode, objectives: judged, notes } = judge(withAll(disturbed(2_400, 3_100)));
    assert.deepEqual([verdict, exitCode], ['inconclusive', 2]);
    for (const { name, verdict: each, text } of judged) {
      assert.equal(each, 'inconclusive', name);
      assert.match(text, /^this machine stood still once, for 3\.10 s in all, first 2\.40 s after fault 1 took effect/);
      assert.match(text, /measured: /);
    }
    assert.ok(notes.some((note) => note.startsWith('this machine stood still once')));
  });

  it('adds up what a host took', () => {
    const [first] = judge(withAll(disturbed(-500, 3_000, 0.62), disturbed(2_500, 3_000, 0.714))).objectives;
    assert.match(
      first?.text ?? '',
      /^this machine's host gave up to 71 % of its processors to others for 6\.00 s, first 500 ms before fault 1/,
    );
    const both = judge(withAll(disturbed(0, 1_200), disturbed(100, 3_000, 0.6))).notes;
    assert.match(both.join('\n'), /stood still once, for 1\.20 s in all, and its host gave up to 60 % of its/);
  });

  it('excuses no record', () => {
    const story = leaderKill({ objectives: [{ ...atMost('lost', 0, 'count'), atLeast: 0 }, ...objectives] });
    const [lane] = story.seen;
    assert.ok(lane);
    const seen = [{ ...lane, seen: lane.seen.map(([a, b]): [number, number] => [a, b - 5]) }, ...story.seen.slice(1)];
    const events = plus(journalOf({ ...story, seen }), FAULT_AT + 9_000, disturbed(0, 5_000));
    const { verdict, objectives: judged } = judge(events);
    assert.equal(verdict, 'failed');
    assert.deepEqual(
      judged.map((it) => it.verdict),
      ['failed', 'inconclusive', 'inconclusive'],
    );
  });

  it('excuses nothing for having been too short, or not felt at all', () => {
    const long = { ...atMost('recovery', 60_000), atLeast: 30_000 };
    const more = { name: 'leaderChanges', unit: 'count' as const, atLeast: 5, text: 'at least 5' };
    const story = leaderKill({ objectives: [long, more] });
    const events = plus(journalOf(story), FAULT_AT + 9_000, disturbed(0, 5_000));
    assert.deepEqual(
      judge(events).objectives.map((it) => it.verdict),
      ['failed', 'failed'],
    );
    const felt = { name: 'impact', unit: 'impact' as const, impact: 'some' as const, text: 'some' };
    const unfelt = standbyKill({ objectives: [felt, { ...atMost('recovery', 60_000), atLeast: 1_000 }] });
    const quiet = judge(plus(journalOf(unfelt), FAULT_AT + 9_000, disturbed(0, 5_000)));
    assert.deepEqual(
      quiet.objectives.map((it) => it.verdict),
      ['failed', 'failed'],
    );
  });

  it('counts only while faults are at work, and takes nothing from what passed', () => {
    assert.equal(judge(withAll(disturbed(-60_000, 5_000))).verdict, 'failed');
    assert.equal(judge(withAll(disturbed(600_000, 5_000))).verdict, 'failed');
    const passed = plus(journalOf(leaderKill()), FAULT_AT + 9_000, disturbed(0, 5_000));
    assert.equal(judge(passed).verdict, 'passed');
  });
});
