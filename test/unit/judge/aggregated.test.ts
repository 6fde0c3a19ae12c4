import assert from 'node:assert/strict';
import type { AttachedWorkload } from '../../../src/core/scenario.js';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { consoleSummary } from '../../../src/report/console.js';
import { htmlReport } from '../../../src/report/html.js';
import { junitReport } from '../../../src/report/junit.js';
import { attachedJournal } from '../../support/attached-story.js';
import { edited, leaderKill, plus, scenarioOf } from '../../support/journal-builder.js';

type Aggregated = Extract<EventBody, { type: 'data.aggregated' }>;
const exactly = (n: number) => ({ atLeast: n, atMost: n });
const story = leaderKill();
const identity = { kind: 'json', pointer: '/customer', of: 'value', as: 'typed' } as const;
const count = { kind: 'count', sink: '/orders' } as const;
const sum = { kind: 'sum', source: '/amount', sink: '/total', tolerance: 0.01 } as const;
const workload: AttachedWorkload = {
  job: 'attached',
  guarantee: 'exactly-once',
  attach: {
    job: 'totals',
    source: { topic: 'orders', identity },
    sink: { topic: 'totals', identity },
    relation: { kind: 'aggregate', invariants: [count, sum] },
    patience: 5000,
  },
};
const part = { partition: 0, before: 0, from: 0, to: 1010, behind: 1010 };
const side = { topic: 'orders', records: 1010, uncommitted: 0, partitions: [part], unjudged: 0, examples: [] };
const clean: Aggregated = {
  type: 'data.aggregated',
  source: side,
  sink: { ...side, topic: 'totals', records: 900 },
  complete: true,
  reasons: [],
  sourceRecords: 1000,
  filteredRecords: 10,
  groups: 40,
  sinkGroups: 40,
  wrong: exactly(0),
  wrongBefore: 0,
  unclear: 0,
  invariants: [
    { invariant: count, wrong: 0 },
    { invariant: sum, wrong: 0 },
  ],
  passes: 1,
  examples: [],
};

/** The story with a job that keeps totals, and what they came to. */
function journal(change: Partial<Aggregated> | null = {}): JournalEvent[] {
  const objectives = scenarioOf(story).objectives.filter(({ unit, name }) => unit === 'ms' && !/caughtUp/.test(name));
  const wrongState = { name: 'wrongState', unit: 'count' as const, atLeast: 0, atMost: 0, text: '0' };
  const base = edited(attachedJournal(story, workload, [...objectives, wrongState]), (e) => {
    if (e.type !== 'observed.output') return e;
    const { lag: _, ...rest } = e;
    return rest;
  });
  return change ? plus(base, story.endAt - 300, { ...clean, ...change }) : base;
}
const wrongState = (events: JournalEvent[]) => judge(events).objectives.find(({ name }) => name === 'wrongState');

describe('judge: the totals of a job that is not Flinch\u2019s own', () => {
  it('passes where every group is right, and claims nothing of single records', () => {
    const findings = judge(journal());
    assert.equal(findings.verdict, 'passed', JSON.stringify([findings.reasons, findings.objectives]));
    assert.match(findings.headline, /^Every task ran again after .*; the totals of all 40 groups are right\.$/);
    const unknown = { atLeast: 0, atMost: null };
    const { lost, duplicated, unexpected, complete } = findings.balance ?? {};
    assert.deepEqual(
      { lost, duplicated, unexpected, complete },
      {
        lost: unknown,
        duplicated: unknown,
        unexpected: unknown,
        complete: true,
      },
    );
  });

  it('fails for groups that are wrong for certain, also where others cannot be judged', () => {
    assert.equal(wrongState(journal({ wrong: exactly(2) }))?.verdict, 'failed');
    const unclear = { complete: false, reasons: ['2 groups cannot be judged'], unclear: 2 };
    const some = wrongState(journal({ ...unclear, wrong: { atLeast: 1, atMost: 3 } }));
    assert.deepEqual([some?.verdict, some?.measured], ['failed', '1 to 3']);
    assert.match(some?.text ?? '', /groups whose totals contradict the source/);
    const none = wrongState(journal({ ...unclear, wrong: { atLeast: 0, atMost: 2 } }));
    assert.deepEqual([none?.verdict, none?.measured], ['inconclusive', '0 to 2']);
    assert.match(none?.text ?? '', /\(2 groups cannot be judged\)/);
  });

  it('passes nothing that is not known', () => {
    const cases: (Partial<Aggregated> | null)[] = [
      null,
      { complete: false, reasons: ['no'], wrong: { atLeast: 0, atMost: null } },
      // What was read in part is never all, whatever an event says.
      { complete: false, reasons: ['no'] },
      { sourceRecords: 0, groups: 0 },
    ];
    for (const change of cases) assert.equal(wrongState(journal(change))?.verdict, 'inconclusive');
    const trouble = { type: 'trouble', code: 'DEADLINE', message: 'it went on' } as const;
    const undrained = plus(journal({ wrong: exactly(3) }), story.quiesceAt + 10, trouble);
    assert.equal(wrongState(undrained)?.verdict, 'inconclusive');
    assert.match(judge(undrained).balance?.reasons.join() ?? '', /the drain had trouble: it went on/);
  });

  it('shows the groups, what was expected of them and what was found, in every report', () => {
    const place = { partition: 2, offset: 77, timestamp: Date.UTC(2026, 10, 20, 12, 0, 13) };
    const examples: Aggregated['examples'] = [
      { problem: 'wrongBefore', group: '"b"', invariant: 'sum', expected: '1 to 2.5', found: '3', place },
      { problem: 'wrong', group: '"<a>"', invariant: 'count', expected: '5', found: '4', place },
      { problem: 'wrong', group: '"c"', expected: '3 records at the source', found: 'nothing at the sink' },
    ];
    const change = { complete: false, reasons: ['1 of 40 groups did not agree'], wrongBefore: 1 };
    const wrong = {
      invariants: [
        { invariant: count, wrong: 1 },
        { invariant: sum, wrong: 0 },
      ],
    };
    const events = journal({ ...change, ...wrong, wrong: { atLeast: 0, atMost: null }, examples });
    const findings = judge(events);
    assert.deepEqual(
      findings.balance?.examples.map(({ id, offset, detail }) => [id, offset, detail]),
      [
        ['"<a>"', 77, 'count expected 5, found 4'],
        ['"c"', undefined, 'expected 3 records at the source, found nothing at the sink'],
        ['"b"', 77, 'sum expected 1 to 2.5, found 3; so before anything was broken'],
      ],
    );
    const page = htmlReport(events, findings);
    for (const text of [
      '&lt;a&gt;',
      'SUM(/amount) at /total, give or take 0.01',
      'COUNT(*) at /orders',
      'wrong before',
    ]) {
      assert.ok(page.includes(text), text);
    }
    assert.doesNotMatch(page, /undefined|NaN|records lost|Lane/);
    const summary = consoleSummary(findings, 'report.html');
    assert.match(summary, /at the source 1000, at the sink 900, groups 40, wrong totals at least 0, wrong before 1/);
    assert.match(summary, /first wrong state: "<a>", count expected 5, found 4, partition 2, offset 77/);
    assert.match(summary, /first wrong state: "c", expected 3 records at the source, found nothing at the sink$/m);
    assert.doesNotMatch(summary, /undefined|NaN|lane|lost/);
    assert.match(junitReport(findings), /name="wrongState 0".*1 of 40 groups did not agree/s);
  });
});
