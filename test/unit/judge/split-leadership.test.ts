import assert from 'node:assert/strict';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { splitLeadership } from '../../../src/judge/split-leadership.js';
import { edited, journalOf, leaderKill, MONO, standbyKill } from '../../support/journal-builder.js';

const OF = (n: number) => ({
  node: `jobmanager-${n}`,
  address: `http://10.0.0.${n}:8081`,
  session: `${n}0000000-0000-4000-8000-000000000000`,
  owner: `0x${n}`,
});
const story = standbyKill({ quiesceAt: 60_000, endAt: 64_000, healedAt: 20_000 });
const FROM = MONO + story.faultAt;
const TO = MONO + 60_000;

interface Seen {
  leader: ReturnType<typeof OF> | null;
  line: string[];
}

/** A journal in which the leader and the line of contenders are seen as told, four times a second. */
function journal(seen: (t: number) => Seen | 'error', { version = '1.20.3', selector = 'zookeeper.all' } = {}) {
  return edited(journalOf(story), (event) => {
    if (event.type === 'cluster.up') {
      const settings = { ...event.settings, 'zookeeper.grantedSessionTimeout': '6000' };
      return { ...event, flinkVersion: version, settings };
    }
    if (event.type === 'fault.resolved') return { ...event, selector };
    if (event.type !== 'observed.leader') return event;
    const now = seen(event.start - MONO);
    const { leader: _, contenders: __, ...look } = event;
    if (now === 'error') return { ...look, error: 'no answer' } as JournalEvent;
    return { ...look, leader: now.leader, contenders: now.line } as JournalEvent & EventBody;
  });
}
const judged = (events: JournalEvent[]) => splitLeadership(events, FROM, TO);
const sound = (): Seen => ({ leader: OF(1), line: ['0x1', '0x2'] });

describe('judge/split-leadership', () => {
  it('is none where the record always belongs to the first in line', () => {
    assert.deepEqual(judged(journal(sound)), { splits: { atLeast: 0, atMost: 0 } });
  });

  it('is seen when the record belongs to another session than the first in line, for longer than a change takes', () => {
    const { splits, split } = judged(
      journal((t) => (t > 30_000 && t < 37_000 ? { leader: OF(1), line: ['0x2', '0x1'] } : sound())),
    );
    assert.deepEqual(splits, { atLeast: 1, atMost: 1 });
    assert.match(
      split?.text ?? '',
      /not of the session that is first in line.*jobmanager-1 \(session 0x1\); first in line 0x2/,
    );
    assert.match(split?.text ?? '', /CURATOR-696/);
    assert.deepEqual(split?.first, ['0x2']);
  });

  it('is seen in a record that nobody stands in line for', () => {
    const { splits } = judged(journal((t) => (t > 30_000 ? { leader: OF(1), line: [] } : sound())));
    assert.deepEqual(splits, { atLeast: 1, atMost: 1 });
  });

  it('is seen when two write the record in turn, with both by name', () => {
    const inTurn = (t: number) => OF(1 + (Math.floor(t / 500) % 2));
    const { splits, split } = judged(
      journal((t) => (t > 30_000 ? { leader: inTurn(t), line: ['0x1', '0x2'] } : sound())),
    );
    assert.deepEqual(splits, { atLeast: 1, atMost: 1 });
    assert.match(split?.text ?? '', /changed \d+ times within 10 s/);
    assert.deepEqual(split?.leaders.map(({ node }) => node).sort(), ['jobmanager-1', 'jobmanager-2']);
  });

  it('names both, however each was found', () => {
    const { split } = judged(
      journal((t) => {
        if (t < 24_000) return sound();
        return t < 31_000
          ? { leader: OF(1), line: ['0x2'] }
          : { leader: OF(1 + (Math.floor(t / 500) % 2)), line: ['0x1'] };
      }),
    );
    assert.deepEqual(split?.leaders.map(({ node }) => node).sort(), ['jobmanager-1', 'jobmanager-2']);
    assert.match(split?.text ?? '', /first in line; the leader's record changed/);
  });

  it('is not seen in two looks that disagree with a time between them in which nobody looked', () => {
    const moment = { leader: OF(1), line: ['0x2'] };
    const { splits } = judged(
      journal((t) => {
        if (t > 30_000 && t < 31_000) return moment;
        if (t >= 31_000 && t < 45_000) return 'error';
        return t >= 45_000 && t < 46_000 ? moment : sound();
      }),
    );
    // Nobody looked for so long: whether there was one is open.
    assert.equal(splits.atLeast, 0);
  });

  it('is not what a change of leader is: a moment of disagreement, and a change or two', () => {
    const change = (t: number): Seen => {
      if (t < 30_000) return sound();
      if (t < 32_000) return { leader: OF(1), line: ['0x2'] };
      return t < 33_000 ? { leader: null, line: ['0x2'] } : { leader: OF(2), line: ['0x2', '0x3'] };
    };
    assert.deepEqual(judged(journal(change)), { splits: { atLeast: 0, atMost: 0 } });
  });

  it('is not known when nobody looked, or not until the sessions of before had run out', () => {
    const open = { splits: { atLeast: 0, atMost: null } };
    assert.deepEqual(judged(journal((t) => (t > 40_000 && t < 47_000 ? 'error' : sound()))), open);
    assert.deepEqual(splitLeadership(journal(sound), FROM, MONO + story.healedAt + 9000), open);
    // While ZooKeeper is away nobody can look, and nobody can lead.
    const away = journal((t) => (t > story.faultAt && t < story.healedAt ? 'error' : sound()));
    assert.deepEqual(judged(away), { splits: { atLeast: 0, atMost: 0 } });
  });

  it('is not known where the line of contenders never agreed with the record, not even before', () => {
    const open = { splits: { atLeast: 0, atMost: null } };
    assert.deepEqual(judged(journal(() => ({ leader: OF(1), line: [] }))), open);
  });

  it('names no cause for a version that is not known for it', () => {
    const text = (version: string) =>
      judged(journal((t) => (t > 30_000 ? { leader: OF(1), line: ['0x2'] } : sound()), { version })).split?.text ?? '';
    for (const version of ['1.18.0', '2.2.0']) assert.match(text(version), /CURATOR-696/);
    for (const version of ['1.17.2', '2.3.0', '3.0.0']) assert.doesNotMatch(text(version), /CURATOR/);
  });

  it('decides its objective, and is told beside the verdict', () => {
    const objective = { name: 'splitLeadership', unit: 'count' as const, atLeast: 0, atMost: 0, text: '0' };
    const alone = (events: JournalEvent[]) =>
      judge(
        edited(events, (event) =>
          event.type === 'run.started' ? { ...event, scenario: { ...event.scenario, objectives: [objective] } } : event,
        ),
      );
    assert.equal(alone(journal(sound)).verdict, 'passed');
    const split = alone(journal((t) => (t > 30_000 ? { leader: OF(1), line: ['0x2'] } : sound())));
    assert.equal(split.verdict, 'failed');
    assert.match(split.notes[0] ?? '', /^split leadership: /);
  });

  it('does not take the change after a killed leader for one', () => {
    const lines = edited(journalOf(leaderKill()), (event) =>
      event.type === 'observed.leader' ? { ...event, contenders: event.leader ? [event.leader.owner] : [] } : event,
    );
    assert.equal(splitLeadership(lines, MONO + 12_000, MONO + 36_000).splits.atMost, 0);
  });
});
