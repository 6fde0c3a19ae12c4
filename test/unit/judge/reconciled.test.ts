import assert from 'node:assert/strict';
import type { AttachedWorkload } from '../../../src/core/scenario.js';
import type { EventBody, JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { consoleSummary } from '../../../src/report/console.js';
import { htmlReport } from '../../../src/report/html.js';
import { attachedJournal } from '../../support/attached-story.js';
import { edited, journalOf, leaderKill, MONO, plus } from '../../support/journal-builder.js';

type Reconciled = Extract<EventBody, { type: 'data.reconciled' }>;
const exactly = (n: number) => ({ atLeast: n, atMost: n });
const story = leaderKill();
const identity = { kind: 'key', as: 'typed' } as const;
const workload: AttachedWorkload = {
  job: 'attached',
  guarantee: 'exactly-once',
  attach: {
    job: 'enrich',
    source: { topic: 'orders', identity },
    sink: { topic: 'out', identity },
    relation: { kind: 'one-to-many', times: 2 },
    patience: 5000,
  },
};
const part = { partition: 0, before: 5, from: 10, to: 1010, behind: 1020 };
const side = { topic: 'orders', records: 1015, uncommitted: 0, partitions: [part], unjudged: 0, examples: [] };
const clean: Reconciled = {
  type: 'data.reconciled',
  source: side,
  sink: { ...side, topic: 'out' },
  complete: true,
  reasons: [],
  sourceRecords: 1000,
  sourceIds: 1000,
  filteredRecords: 0,
  sinkRecords: 2000,
  sinkIds: 1000,
  lost: exactly(0),
  lostYetUncommitted: 0,
  duplicated: exactly(0),
  unexpected: exactly(0),
  shouldHaveBeenFiltered: exactly(0),
  uncommittedOnly: exactly(12),
  examples: [],
};

/** The story with a job that was there, and what its topics came to. */
function journal(change: Partial<Reconciled> | null = {}): JournalEvent[] {
  const base = attachedJournal(story, workload);
  return change ? plus(base, story.endAt - 300, { ...clean, ...change }) : base;
}

/** The same, where nothing of the job was carried over: Flink calls it another one from the next leader on. */
function anew(told: boolean): JournalEvent[] {
  const since = MONO + (story.newLeaderAt ?? 0);
  const renamed = edited(journal(), (event) =>
    event.type === 'observed.jobs' && event.start >= since
      ? { ...event, jobs: (event.jobs ?? []).map((job) => ({ ...job, id: 'another' })) }
      : event,
  );
  const job = renamed.find((event) => event.type === 'job.attached');
  assert.ok(job?.type === 'job.attached');
  const followed = { type: 'job.followed', jobId: 'another', name: job.name, before: job.jobId } as const;
  return told ? plus(renamed, story.endAt - 1_000, followed) : renamed;
}

const verdicts = (events: JournalEvent[]) =>
  Object.fromEntries(judge(events).objectives.map(({ name, verdict }) => [name, verdict]));

describe('judge: a job that is not Flinch\u2019s own', () => {
  it('has recovered as another one, where that was told', () => {
    const { took } = judge(journal()).faults[0]?.phases.find(({ name }) => name === 'tasksRunning') ?? assert.fail();
    const phase = (told: boolean) => judge(anew(told)).faults[0]?.phases.find(({ name }) => name === 'tasksRunning');
    assert.deepEqual(phase(true)?.took, took);
    assert.equal(phase(false)?.state, 'not-reached');
  });

  it('passes as one of its own does, its recovery measured in the same way', () => {
    const findings = judge(journal());
    assert.equal(findings.verdict, 'passed', JSON.stringify(findings.reasons));
    const own = judge(journalOf(story));
    assert.deepEqual(findings.faults, own.faults);
    assert.equal(findings.headline, own.headline);
    assert.equal(findings.balance?.complete, true);
    assert.deepEqual(findings.balance?.attached?.window, [
      { of: 'source', partition: 0, from: 10, to: 1010 },
      { of: 'sink', partition: 0, from: 10, to: 1010 },
    ]);
  });

  it('fails for what is certainly lost or repeated, although more is not known', () => {
    const change = { complete: false, reasons: ['a broker went away'] };
    const some = { atLeast: 3, atMost: null };
    assert.equal(verdicts(journal({ ...change, lost: some, duplicated: some })).lost, 'failed');
    assert.equal(verdicts(journal({ ...change, duplicated: some })).duplicated, 'failed');
    const { balance } = judge(journal({ ...change, lost: some }));
    assert.deepEqual(balance?.reasons, ['a broker went away']);
  });

  it('passes nothing that is not known', () => {
    const unknown = { atLeast: 0, atMost: null };
    const events = journal({ complete: false, reasons: ['no'], lost: unknown, duplicated: unknown });
    assert.deepEqual([verdicts(events).lost, verdicts(events).duplicated], ['inconclusive', 'inconclusive']);
    assert.equal(verdicts(journal(null)).lost, 'inconclusive', 'the topics were not matched');
    // What was read in part is never all.
    assert.equal(verdicts(journal({ complete: false, reasons: ['no'] })).duplicated, 'inconclusive');
  });

  it('passes nothing where nothing was due', () => {
    const { balance } = judge(journal({ sourceRecords: 0, sourceIds: 0 }));
    assert.match(balance?.reasons.join() ?? '', /nothing was matched/);
    assert.equal(verdicts(journal({ sourceRecords: 0, sourceIds: 0 })).lost, 'inconclusive');
  });

  it('calls nothing lost that may still have been on its way', () => {
    const trouble = { type: 'trouble', code: 'DEADLINE', message: 'not worked off' } as const;
    const events = plus(journal({ lost: exactly(4) }), story.quiesceAt + 10, trouble);
    const { balance } = judge(events);
    assert.deepEqual(balance?.lost, { atLeast: 0, atMost: 4 });
    assert.equal(verdicts(events).lost, 'inconclusive');
    assert.equal(verdicts(events).duplicated, 'inconclusive', 'it may come out once more');
  });

  it('shows the records by their identity, in every report', () => {
    const place = { partition: 2, offset: 77, timestamp: Date.UTC(2026, 10, 20, 12, 0, 13) };
    const base = { source: 1, filtered: 0, sink: 0, uncommitted: 0 };
    const examples: Reconciled['examples'] = [
      { ...base, problem: 'lost', id: '"<a-1>"', uncommitted: 1, places: { source: place } },
      {
        ...base,
        problem: 'duplicated',
        id: '"b-2"',
        sink: 2,
        places: { sink: place, repeat: { ...place, offset: 99 } },
      },
      { ...base, problem: 'shouldHaveBeenFiltered', id: '"c-3"', source: 0, sink: 1, places: { sink: place } },
    ];
    const events = journal({ lost: exactly(1), duplicated: exactly(1), unexpected: exactly(1), examples });
    const findings = judge(events);
    assert.deepEqual(
      findings.balance?.examples.map(({ problem, id, offset }) => [problem, id, offset]),
      [
        ['lost', '"<a-1>"', 77],
        ['duplicated', '"b-2"', 99],
        ['unexpected', '"c-3"', 77],
      ],
    );
    const page = htmlReport(events, findings);
    assert.match(page, /&lt;a-1&gt;/);
    assert.match(page, /records of the source behind the furthest one that came out/);
    assert.match(page, /enrich, which ran before; exactly-once, checkpoint every 2000 ms/);
    assert.doesNotMatch(page, /undefined|NaN/);
    const summary = consoleSummary(findings, 'report.html');
    assert.match(summary, /at the source 1000 \(1000 ids\), at the sink 2000 \(1000 ids\), lost 1/);
    assert.match(summary, /first lost: "<a-1>", 1 at the source, 0 at the sink/);
    assert.doesNotMatch(summary, /undefined|NaN|lane/);
  });
});
