import assert from 'node:assert/strict';
import type { EventBody, JournalEvent, PartitionCounted } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { edited, journalOf, leaderKill, MONO, plus, withRead } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const also = (events: JournalEvent[], ...more: [t: number, body: EventBody][]) =>
  more.reduce((all, [t, body]) => plus(all, t, body), events);

/** Two partitions of 15 000 records each, as the story writes them, and their control records. */
const partitions = (control: number, change: Partial<PartitionCounted> = {}): PartitionCounted[] =>
  [0, 1].map((partition) => ({
    ...{
      partition,
      from: 0,
      to: 15_000 + control,
      lastStableOffset: 15_000 + control,
      highWatermark: 15_000 + control,
    },
    ...{ committed: 15_000, aborted: 0, undecided: 0, control },
    ...(partition === 0 ? change : {}),
  }));
const counted = (of: 'input' | 'output', change: Partial<PartitionCounted> = {}): [number, EventBody] => [
  39_900,
  {
    ...{ type: 'data.counted', of, topic: of === 'input' ? 'in' : 'out', complete: true },
    partitions: partitions(of === 'input' ? 0 : 40, change),
  },
];
const topic = (t: number, earliest: number, end = 15_000): [number, EventBody] => [
  t,
  {
    ...{ type: 'observed.topic', of: 'input', start: MONO + t - 5, end: MONO + t },
    partitions: [0, 1].map((partition) => ({
      partition,
      earliest: partition === 0 ? earliest : 0,
      lastStableOffset: end,
      highWatermark: end,
    })),
  },
];
const group = (t: number, offset: number): [number, EventBody] => [
  t,
  {
    ...{ type: 'observed.group', group: 'g', start: MONO + t - 5, end: MONO + t },
    partitions: [
      { partition: 0, offset },
      { partition: 1, offset },
    ],
  },
];
const reset = (from: number, to?: number, t = 20_000): [number, EventBody] => [
  t,
  {
    ...{ type: 'offset.reset', node: 'taskmanager-1', at: 1, topic: 'in', partition: 0, from },
    ...(to !== undefined && { to }),
  },
];
const lost = (events: JournalEvent[], from: number, to: number) =>
  withRead(
    withRead(events, { lanes: lanesWithout(from, to), records: 30_000 - (to - from + 1) }),
    { lanes: lanesWithout(from, to) },
    'read_uncommitted',
  );
const lanesWithout = (from: number, to: number) => [
  {
    lane: 0,
    seen: [
      [1, from - 1],
      [to + 1, 15_000],
    ] as [number, number][],
    repeated: [],
  },
  { lane: 1, seen: [[1, 15_000]] as [number, number][], repeated: [] },
];

describe('judge/offsets', () => {
  it('is absent where the journal has nothing of it', () => {
    const { offsets, silentCommitFailures, heldBack } = judge(clean);
    assert.deepEqual([offsets, silentCommitFailures, heldBack], [undefined, undefined, undefined]);
  });

  it('tells how far the group stands and what the topics hold, and has nothing to note when all agree', () => {
    const metrics: EventBody = {
      ...{ type: 'observed.metrics', node: 'jobmanager-1', start: MONO, end: MONO },
      source: [{ partition: 0, current: 14_990, committed: 14_000 }],
    };
    const events = also(
      clean,
      topic(39_000, 0),
      group(39_000, 14_000),
      [39_000, metrics],
      counted('input'),
      counted('output'),
    );
    const { offsets, notes, verdict } = judge(events);
    assert.deepEqual(offsets?.source, [
      { partition: 0, end: 15_000, committed: 14_000, read: 14_991 },
      { partition: 1, end: 15_000, committed: 14_000 },
    ]);
    assert.deepEqual(offsets?.counts[1], {
      ...{ of: 'output', complete: true, offsets: 30_080 },
      ...{ committed: 30_000, aborted: 0, undecided: 0, control: 80 },
    });
    assert.equal(offsets?.difference, 0);
    assert.deepEqual(offsets?.disagreements, []);
    assert.deepEqual(notes, judge(clean).notes);
    assert.equal(verdict, 'passed');
  });

  it('never overrides the identities: what disagrees is a note', () => {
    const one = judge(also(clean, counted('input'), counted('output', { committed: 14_999 })));
    assert.equal(one.verdict, 'passed');
    assert.match(
      one.notes.join('\n'),
      /the output holds 1 fewer committed records than the input, yet by identity there are 0 lost/,
    );

    // Lost and duplicated cancel out in every count.
    const bad = lost(clean, 5, 6).map((e) =>
      e.type === 'data.read'
        ? {
            ...e,
            records: 30_000,
            lanes: e.lanes.map((l) => ({
              ...l,
              repeated: l.lane === 0 ? [[8, 9, 2] as [number, number, number]] : [],
            })),
          }
        : e,
    );
    const two = judge(also(bad, counted('input'), counted('output'), topic(39_000, 0), group(39_000, 15_000)));
    assert.equal(two.verdict, 'failed');
    assert.equal(two.offsets?.difference, 0);
    assert.match(
      two.notes.join('\n'),
      /hold as many records, yet by identity there are 2 lost and 2 duplicated: the identities decide/,
    );
    assert.match(two.notes.join('\n'), /group stands at the end of the input, yet by identity 2 records are lost/);
  });

  it('compares headers with records only where both saw the same part of the topic', () => {
    const read = edited(clean, (e) =>
      e.type === 'data.read'
        ? {
            ...e,
            records: 29_990,
            partitions: partitions(40).map(({ partition, from, to, lastStableOffset, highWatermark }) => ({
              partition,
              from,
              to,
              lastStableOffset,
              highWatermark,
            })),
          }
        : e,
    );
    const same = judge(also(read, counted('output'))).offsets;
    assert.match(same?.disagreements.join() ?? '', /claim 30000 committed records, but 29990 were read/);
    const moved = judge(also(read, counted('output', { lastStableOffset: 15_041, to: 15_041 }))).offsets;
    assert.deepEqual(moved?.disagreements, []);
  });

  it('makes no difference of what was not counted whole, or still undecided', () => {
    const [t, whole] = counted('input');
    const cut: [number, EventBody] = [
      t,
      { ...(whole as Extract<EventBody, { type: 'data.counted' }>), complete: false, reason: 'away' },
    ];
    assert.equal(judge(also(clean, cut, counted('output'))).offsets?.difference, undefined);
    assert.equal(
      judge(also(clean, counted('input'), counted('output', { undecided: 3 }))).offsets?.difference,
      undefined,
    );
  });
});

describe('judge/deleted input', () => {
  const found = (...more: [number, EventBody][]) => judge(also(clean, ...more)).offsets?.deleted;

  it('is none while the log starts stand still, nor for a reset of another topic', () => {
    const [t, other] = reset(5, 10);
    assert.deepEqual(found(topic(5000, 0), topic(6000, 0), [t, { ...other, topic: 'else' } as EventBody]), []);
  });

  it('is exact by the log of the consumer that was out of range, counted once though it happened twice', () => {
    const events = also(
      lost(clean, 501, 700),
      ...[
        topic(5000, 0),
        group(4000, 400),
        topic(6000, 700),
        reset(500, 700),
        reset(450, 700, 21_000),
        counted('input'),
      ],
    );
    const { offsets, notes, verdict, balance } = judge(events);
    const [deleted] = offsets?.deleted ?? [];
    assert.deepEqual(deleted?.unread, { atLeast: 250, atMost: 300 });
    assert.deepEqual(deleted?.logStart, { before: 0, after: 700, at: { after: MONO + 4995, by: MONO + 6000 } });
    assert.match(
      notes.join('\n'),
      /partition 0 of the input: 250 records were deleted before they were read \(offsets 450 to 699\): lost to the job, but not by it/,
    );
    // Both truths: they are lost, and not by the job.
    assert.deepEqual(balance?.lost, { atLeast: 200, atMost: 200 });
    assert.equal(verdict, 'failed');
  });

  it('is bounded by what the group had committed where no log tells', () => {
    const [some] = found(topic(5000, 0), group(4000, 400), group(5500, 690), topic(6000, 700)) ?? [];
    assert.deepEqual([some?.committed, some?.unread], [400, { atLeast: 0, atMost: 300 }]);
    assert.match(some?.text ?? '', /had read to 400 at least: up to 300 offsets may have been deleted/);
    const [none] = found(topic(5000, 0), group(4000, 800), topic(6000, 700)) ?? [];
    assert.deepEqual(none?.unread, { atLeast: 0, atMost: 0 });
    const [dark] = found(topic(5000, 0), topic(6000, 700)) ?? [];
    assert.deepEqual(dark?.unread, { atLeast: 0, atMost: 700 });
    assert.match(dark?.text ?? '', /how far the job had read is not known/);
  });

  it('tells a position that went back, which deletes nothing', () => {
    const { offsets, notes } = judge(also(clean, reset(900, 0)));
    assert.deepEqual(offsets?.deleted[0]?.unread, { atLeast: 0, atMost: 0 });
    assert.match(
      notes.join('\n'),
      /stood at offset 900, which the log did not hold, and went back to 0: what lies between was cut off, or is read again/,
    );
  });

  it('ends at the log start where a reset has no end of its own', () => {
    const [some] = found(topic(5000, 0), group(4000, 400), topic(6000, 700), reset(300)) ?? [];
    assert.deepEqual(some?.unread, { atLeast: 0, atMost: 400 });
  });

  it('has no upper bound where a reset has no end', () => {
    assert.deepEqual(found(reset(500))?.[0]?.unread, { atLeast: 0, atMost: null });
  });
});
