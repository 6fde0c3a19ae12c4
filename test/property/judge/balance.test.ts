import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalise, type Range } from '../../../src/core/ranges.js';
import type { EventBody, JournalEvent, LaneProduced, LaneSeen } from '../../../src/journal/events.js';
import { balanceOf } from '../../../src/judge/balance.js';
import type { Balance, Extent } from '../../../src/judge/findings.js';
import { judge } from '../../../src/judge/judge.js';
import { trials } from '../../support/effort.js';
import { journalOf, leaderKill, plus, without, withRead } from '../../support/journal-builder.js';

const clean = journalOf(leaderKill());
const balance = (events: JournalEvent[]): Balance => balanceOf(events) as Balance;
const verdicts = (events: JournalEvent[]) =>
  Object.fromEntries(judge(events).objectives.map((o) => [o.name, o.verdict] as const));
const exactly = (n: number): Extent => ({ atLeast: n, atMost: n });
const lane1: LaneSeen = { lane: 1, seen: [[1, 15_000]], repeated: [] };
const partition = { partition: 0, from: 0, to: 10, lastStableOffset: 10, highWatermark: 10 };

type Fate = { end: 'acknowledged' | 'failed' | 'unknown' | 'pending'; times: number };

/** Ranges of the 1-based places at which `is` holds. */
const where = (fates: Fate[], is: (fate: Fate) => boolean): Range[] =>
  normalise(fates.flatMap((fate, i): Range[] => (is(fate) ? [[i + 1, i + 1]] : [])));

describe('judge/balance', () => {
  it('agrees with a model that looks at one record at a time', () => {
    const fate = fc.record({
      end: fc.constantFrom<Fate['end']>('acknowledged', 'acknowledged', 'failed', 'unknown', 'pending'),
      times: fc.integer({ min: 0, max: 3 }),
    });
    const lanes = fc.array(fc.array(fate, { maxLength: 30 }), { minLength: 1, maxLength: 4 });
    const skeleton = without(
      clean,
      'observed.jobs',
      'observed.leader',
      'observed.output',
      'observed.checkpoints',
      'observed.load',
    );
    fc.assert(
      fc.property(lanes, fc.array(fc.integer({ min: 31, max: 40 }), { maxLength: 3 }), (all, strangers) => {
        const produced = all.map(
          (fates, lane): LaneProduced => ({
            lane,
            attempted: fates.length,
            acknowledged: where(fates, (f) => f.end === 'acknowledged'),
            failed: where(fates, (f) => f.end === 'failed'),
            unknown: where(fates, (f) => f.end === 'unknown'),
          }),
        );
        const seen = all.map((fates, lane): LaneSeen => {
          const own = where(fates, (f) => f.times > 0);
          const odd = lane === 0 ? strangers.map((s): Range => [s, s]) : [];
          const repeated = fates.flatMap((f, i): [number, number, number][] =>
            f.times > 1 ? [[i + 1, i + 1, f.times]] : [],
          );
          return { lane, seen: normalise([...own, ...odd]), repeated };
        });
        const events = withRead(
          skeleton.map((e) => (e.type === 'data.produced' ? { ...e, lanes: produced } : e)),
          { lanes: seen },
        );
        const flat = all.flat();
        const count = (is: (f: Fate) => boolean): number => flat.filter(is).length;
        const b = balance(events);
        assert.equal(b.attempted, flat.length);
        assert.equal(
          b.acknowledged,
          count((f) => f.end === 'acknowledged'),
        );
        assert.equal(
          b.unknown,
          count((f) => f.end === 'unknown' || f.end === 'pending'),
        );
        assert.deepEqual(b.seen, exactly(count((f) => f.times > 0)));
        assert.deepEqual(b.lost, exactly(count((f) => f.end === 'acknowledged' && f.times === 0)));
        assert.deepEqual(b.duplicated, exactly(flat.reduce((n, f) => n + Math.max(0, f.times - 1), 0)));
        assert.deepEqual(
          b.recovered,
          exactly(count((f) => (f.end === 'unknown' || f.end === 'pending') && f.times > 0)),
        );
        assert.deepEqual(b.failedYetSeen, exactly(count((f) => f.end === 'failed' && f.times > 0)));
        assert.deepEqual(b.unexpected, exactly(new Set(strangers).size));
      }),
      { numRuns: trials(20) },
    );
  });

  it('fails on lost and duplicated records, with the first examples', () => {
    const place = { lane: 0, sequence: 50, partition: 0, offset: 77, time: Date.UTC(2026, 10, 20, 12, 0, 30) };
    const events = withRead(clean, {
      lanes: [
        {
          lane: 0,
          seen: [
            [1, 99],
            [110, 15_000],
          ],
          repeated: [[50, 59, 3]],
        },
        lane1,
      ],
      examples: [place],
    });
    assert.deepEqual(balance(events).lost, exactly(10));
    assert.deepEqual(balance(events).duplicated, exactly(20));
    assert.deepEqual(balance(events).examples, [
      { problem: 'lost', lane: 0, sequences: [100, 109] },
      {
        problem: 'duplicated',
        lane: 0,
        sequences: [50, 50],
        partition: 0,
        offset: 77,
        time: place.time,
        sinceFault: 17_990,
      },
    ]);
    assert.deepEqual(
      { ...verdicts(events), exit: judge(events).exitCode },
      {
        recovery: 'passed',
        outputGap: 'passed',
        lost: 'failed',
        duplicated: 'failed',
        exit: 1,
      },
    );
  });

  it('takes no incomplete read for a clean one, but certain duplicates for certain', () => {
    const cut = { complete: false, reason: 'partition 1 did not answer' };
    const one = withRead(clean, cut);
    assert.deepEqual(verdicts(one), {
      recovery: 'passed',
      outputGap: 'passed',
      // Each acknowledged record was seen, and reading on cannot take that away.
      lost: 'passed',
      duplicated: 'inconclusive',
    });
    const two = withRead(clean, { ...cut, lanes: [{ lane: 0, seen: [[1, 10]], repeated: [[2, 3, 2]] }] });
    assert.deepEqual(balance(two).lost, { atLeast: 0, atMost: 29_990 });
    assert.deepEqual(balance(two).duplicated, { atLeast: 2, atMost: null });
    assert.equal(verdicts(two).duplicated, 'failed');
    assert.equal(verdicts(without(clean, 'data.read')).lost, 'inconclusive');
  });

  it('counts what an open transaction holds neither as lost nor as there', () => {
    const lanes: LaneSeen[] = [
      {
        lane: 0,
        seen: [
          [1, 14_000],
          [14_401, 15_000],
        ],
        repeated: [],
      },
      lane1,
    ];
    const open = { lanes, partitions: [{ ...partition, highWatermark: 310 }] };
    const events = withRead(clean, open);
    assert.deepEqual(balance(events).lost, { atLeast: 100, atMost: 400 }, 'no more can hide than there are offsets');
    assert.equal(balance(events).openTransactions.length, 1);
    const hidden = withRead(clean, { ...open, partitions: [{ ...partition, highWatermark: 1000 }] });
    assert.deepEqual(balance(hidden).lost, { atLeast: 0, atMost: 400 });
    assert.deepEqual([verdicts(hidden).lost, verdicts(hidden).duplicated], ['inconclusive', 'inconclusive']);
    const aborted = withRead(hidden, { lanes }, 'read_uncommitted');
    assert.deepEqual(
      balance(aborted).lost,
      { atLeast: 400, atMost: 400 },
      'read_uncommitted does not show them either',
    );
  });

  it('does not call the tail lost while the job had not drained', () => {
    const lanes: LaneSeen[] = [
      {
        lane: 0,
        seen: [
          [1, 9],
          [11, 14_000],
        ],
        repeated: [],
      },
      lane1,
    ];
    const events = withRead(clean, { lanes });
    assert.deepEqual(balance(events).lost, exactly(1001));
    const late: EventBody = { type: 'trouble', code: 'DEADLINE', message: 'the drain took too long' };
    assert.deepEqual(balance(plus(events, 37_000, late)).lost, { atLeast: 1, atMost: 1001 });
    const tail = withRead(clean, { lanes: [{ lane: 0, seen: [[1, 14_000]], repeated: [] }, lane1] });
    assert.equal(verdicts(plus(tail, 37_000, late)).lost, 'inconclusive');
  });

  it('reports duplicates of aborted transactions as fine', () => {
    const events = withRead(
      clean,
      { lanes: [{ lane: 0, seen: [[1, 15_000]], repeated: [[1, 500, 2]] }, lane1] },
      'read_uncommitted',
    );
    assert.equal(balance(events).duplicatedUncommittedOnly, 500);
    assert.equal(judge(events).exitCode, 0);
  });

  it('holds the input against the output: lost before Flink, doubled before Flink', () => {
    const input = (lanes: LaneSeen[]): EventBody => ({
      type: 'data.read',
      of: 'input',
      topic: 'in',
      isolation: 'read_uncommitted',
      complete: true,
      records: 1,
      partitions: [partition],
      lanes,
      unreadable: 0,
      examples: [],
    });
    const short = [{ lane: 0, seen: [[1, 14_990]] as Range[], repeated: [] }, lane1];
    assert.equal(balance(plus(withRead(clean, { lanes: short }), 39_700, input(short))).lostBeforeFlink, 10);
    const twice: LaneSeen[] = [{ lane: 0, seen: [[1, 15_000]], repeated: [[7, 7, 2]] }, lane1];
    assert.deepEqual(balance(plus(withRead(clean, { lanes: twice }), 39_700, input(twice))).duplicated, {
      atLeast: 0,
      atMost: 1,
    });
  });

  it('counts records that nobody wrote, or that cannot be read', () => {
    const events = withRead(clean, {
      unreadable: 2,
      lanes: [{ lane: 0, seen: [[0, 15_001]], repeated: [] }, lane1, { lane: 9, seen: [[1, 1]], repeated: [] }],
    });
    assert.deepEqual(balance(events).unexpected, exactly(5));
  });
});
