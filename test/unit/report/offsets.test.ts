import assert from 'node:assert/strict';
import type { EventBody, JournalEvent, PartitionCounted } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { consoleSummary } from '../../../src/report/console.js';
import { htmlReport } from '../../../src/report/html.js';
import { journalOf, leaderKill, MONO, plus, WALL } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const hostile = '<script>alert(1)</script>';
const counted = (of: 'input' | 'output', change: Partial<PartitionCounted>): EventBody => ({
  ...{ type: 'data.counted', of, topic: of, complete: true },
  partitions: [
    {
      ...{ partition: 0, from: 0, to: 30_000, lastStableOffset: 30_000, highWatermark: 30_000 },
      ...{ committed: 30_000, aborted: 0, undecided: 0, control: 0 },
      ...change,
    },
  ],
});
const look = { start: MONO + 39_000, end: MONO + 39_001 };
const EVENTS: EventBody[] = [
  { type: 'observed.group', group: hostile, ...look, partitions: [{ partition: 0, offset: 14_000 }] },
  {
    ...{ type: 'observed.topic', of: 'input', ...look },
    partitions: [{ partition: 0, earliest: 0, lastStableOffset: 30_000, highWatermark: 30_000 }],
  },
  counted('input', {}),
  counted('output', { to: 30_700, aborted: 510, control: 190 }),
  { type: 'offset.reset', node: 'taskmanager-2', at: WALL, topic: 'in', partition: 0, from: 500, to: 18_100 },
  {
    ...{ type: 'commit.failed', node: 'taskmanager-1', at: WALL + 30_000, reason: 'fenced', silent: true },
    ...{ transactionalId: `flinch-${hostile}-0-8`, producerId: 28, producerEpoch: 0 },
  },
  {
    ...{ type: 'data.open-transactions', topic: 'out', complete: true },
    transactions: [
      {
        ...{ partition: 2, firstOffset: 40, producerId: 9, producerEpoch: 0, transactionalId: 'flinch-x-0-8' },
        ...{ prefix: 'flinch-x', state: 'Ongoing', ageMs: 12_000, timeoutMs: 600_000 },
      },
    ],
  },
];
const full = EVENTS.reduce<JournalEvent[]>((all, body) => plus(all, 39_500, body), clean);
const findings = judge(full);
const page = htmlReport(full, findings);
const text = page.replace(/<[^>]+>/g, ' ').replace(/[ \n]+/g, ' ');

describe('offsets in the reports', () => {
  it('have no place where there is nothing to tell', () => {
    const bare = htmlReport(clean, judge(clean));
    for (const id of ['offsets', 'commit-failures', 'held-back']) assert.ok(!bare.includes(`id="${id}"`), id);
  });

  it('are each labelled as what they are', () => {
    assert.match(
      text,
      /committed by Flink after a checkpoint completes: lags behind the checkpointed state by up to a checkpoint, says nothing about the sink/,
    );
    assert.match(text, /how many records, not which/);
    assert.match(text, /A cheap check beside the data balance, which alone decides/);
    assert.match(text, /output 30\u202f700 30\u202f000 510 0 190/);
    assert.match(text, /taskmanager-2: offset 500 was out of range, reset to 18100/);
  });

  it('name each transaction that was given up, and each that holds the output back', () => {
    assert.match(text, /28 \/ 0 its producer was fenced \+17\.99 s taskmanager-1/);
    assert.match(text, /Every look at the job from then on found all of its tasks running/);
    assert.match(text, /Prefix flinch-x : 1 open on 1 partition, the oldest for 12\.00 s/);
    assert.match(text, /flinch-x-0-8 40 9 \/ 0 Ongoing, open for 12 s of its 600 s/);
  });

  it('let nobody write markup', () => {
    assert.ok(!page.includes('<script>'));
    assert.match(page, /&lt;script&gt;/);
  });

  it('are in the console as notes, without another verdict', () => {
    const said = consoleSummary(findings, 'report.html');
    assert.match(said, /^PASSED/);
    assert.match(
      said,
      /^note: the sink's committer gave up 1 transaction .* and the job stayed green: by identity nothing is lost$/m,
    );
    assert.match(
      said,
      /^note: partition 2 of the output is held back by transaction flinch-x-0-8, open for 12 s of its 600 s$/m,
    );
    assert.match(
      said,
      /^note: partition 0 of the input: 17600 records were deleted before they were read \(offsets 500 to 18099\)/m,
    );
  });
});
