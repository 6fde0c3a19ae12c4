import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Extent } from '../../../src/core/extent.js';
import type { Place } from '../../../src/reconcile/ids/sighting.js';
import { type Coverage, type MultisetBalance, MultisetCounter } from '../../../src/reconcile/multiset-balance.js';
import type { Relation } from '../../../src/reconcile/relation.js';
import { trials } from '../../support/effort.js';
import { hasCode } from '../../support/has-code.js';
import { randomFrom } from '../../support/id-sightings.js';

const ALL: Coverage = { source: true, sink: true, uncommitted: true, openTransactions: false };
const exactly = (n: number): Extent => ({ atLeast: n, atMost: n });

interface Counts {
  source?: number;
  filtered?: number;
  sink?: number;
  uncommitted?: number;
}

/** The balance of ids by name; the n-th has its places at partition 0, offset 100 - n. */
function balanceOf(
  ids: Readonly<Record<string, Counts>>,
  relation: Relation = { kind: 'one-to-one' },
  coverage = ALL,
  examples = 5,
): MultisetBalance {
  const counter = new MultisetCounter(relation, examples);
  for (const [n, [id, { source = 0, filtered = 0, sink = 0, uncommitted = 0 }]] of Object.entries(ids).entries()) {
    const has = { source: source + filtered, sink, repeat: sink - 1, uncommitted };
    const place: Place = { partition: 0, offset: 100 - n, timestamp: n };
    const at = (name: keyof typeof has) => (has[name] > 0 ? place : undefined);
    counter.add({ source, filtered, around: 0, earlier: 0, sink, uncommitted, id: () => Buffer.from(id), place: at });
  }
  return counter.balance(coverage);
}

const told = ({ examples }: MultisetBalance): string[] => examples.map(({ problem, id }) => `${problem} ${id}`);
const numbers = ({ lost, duplicated, unexpected, shouldHaveBeenFiltered, uncommittedOnly }: MultisetBalance) => ({
  lost,
  duplicated,
  unexpected,
  shouldHaveBeenFiltered,
  uncommittedOnly,
});
const CLEAN = numbers(balanceOf({}));

describe('reconcile/multiset-balance', () => {
  it('is clean when each record came out once, aborted attempts and repeats of the source itself included', () => {
    const balance = balanceOf({
      once: { source: 1, sink: 1 },
      twice: { source: 2, sink: 2 },
      retried: { source: 1, sink: 1, uncommitted: 3 },
    });
    assert.deepEqual(numbers(balance), { ...CLEAN, uncommittedOnly: exactly(3) });
    assert.deepEqual([balance.sourceRecords, balance.sourceIds, balance.sinkRecords, balance.sinkIds], [4, 3, 4, 3]);
    assert.deepEqual(told(balance), ['uncommittedOnly retried']);
  });

  const defects: [
    what: string,
    relation: Relation,
    ids: Record<string, Counts>,
    found: Partial<typeof CLEAN>,
    string[],
  ][] = [
    [
      'a lost id',
      { kind: 'one-to-one' },
      { a: { source: 1 }, b: { source: 1, sink: 1 } },
      { lost: exactly(1) },
      ['lost a'],
    ],
    ['one of two lost', { kind: 'one-to-one' }, { a: { source: 2, sink: 1 } }, { lost: exactly(1) }, ['lost a']],
    ['repeats', { kind: 'one-to-one' }, { a: { source: 1, sink: 4 } }, { duplicated: exactly(3) }, ['duplicated a']],
    [
      'repeats beyond the source',
      { kind: 'one-to-one' },
      { a: { source: 2, sink: 3 } },
      { duplicated: exactly(1) },
      ['duplicated a'],
    ],
    ['invented records', { kind: 'one-to-one' }, { a: { sink: 2 } }, { unexpected: exactly(2) }, ['unexpected a']],
    [
      'a lost id, one to many',
      { kind: 'one-to-many' },
      { a: { source: 1 }, b: { source: 1, sink: 9 } },
      { lost: exactly(1) },
      ['lost a'],
    ],
    [
      'too few for each to be there, one to many',
      { kind: 'one-to-many' },
      { a: { source: 3, sink: 2 } },
      { lost: exactly(1) },
      ['lost a'],
    ],
    [
      'an invented one, one to many',
      { kind: 'one-to-many' },
      { a: { sink: 2 } },
      { unexpected: exactly(2) },
      ['unexpected a'],
    ],
    [
      'one of three missing',
      { kind: 'one-to-many', times: 3 },
      { a: { source: 1, sink: 2 }, b: { source: 2, sink: 6 } },
      { lost: exactly(1) },
      ['lost a'],
    ],
    [
      'one more than three',
      { kind: 'one-to-many', times: 3 },
      { a: { source: 1, sink: 4 } },
      { duplicated: exactly(1) },
      ['duplicated a'],
    ],
    [
      'a lost id that passes',
      { kind: 'subset' },
      { a: { source: 1 }, b: { filtered: 1 } },
      { lost: exactly(1) },
      ['lost a'],
    ],
    [
      'a filter that leaks',
      { kind: 'subset' },
      { a: { filtered: 1, sink: 2 }, b: { source: 1, sink: 1 }, c: { sink: 1 } },
      { unexpected: exactly(3), shouldHaveBeenFiltered: exactly(2) },
      ['unexpected c', 'shouldHaveBeenFiltered a'],
    ],
    ['an id of which one record passes', { kind: 'subset' }, { a: { source: 1, filtered: 1, sink: 1 } }, {}, []],
  ];
  for (const [what, relation, ids, found, examples] of defects) {
    it(`sees ${what}`, () => {
      const balance = balanceOf(ids, relation);
      assert.deepEqual(numbers(balance), { ...CLEAN, ...found });
      assert.deepEqual(told(balance), examples);
    });
  }

  it('tells lost records that an aborted or open transaction holds', () => {
    const ids = { a: { source: 2, uncommitted: 1 }, b: { source: 1, uncommitted: 5 }, c: { source: 1 } };
    assert.equal(balanceOf(ids).lostYetUncommitted, 2);
    assert.deepEqual(balanceOf(ids).lost, exactly(4));
    assert.deepEqual(balanceOf(ids, undefined, { ...ALL, openTransactions: true }).lost, { atLeast: 2, atMost: 4 });
  });

  it('says nothing of what only read_uncommitted shows when that was not read', () => {
    const { uncommitted, ...rest } = ALL;
    assert.ok(uncommitted && !('uncommittedOnly' in balanceOf({ a: { source: 1, sink: 1 } }, undefined, rest)));
  });

  it('keeps the examples with the lowest places, with all that is known of them', () => {
    const balance = balanceOf(
      { a: { source: 1 }, b: { source: 1, uncommitted: 1 }, c: { source: 1 } },
      undefined,
      undefined,
      2,
    );
    assert.deepEqual(told(balance), ['lost c', 'lost b', 'uncommittedOnly b']);
    const place = { partition: 0, offset: 99, timestamp: 1 };
    assert.deepEqual(balance.examples[1], {
      problem: 'lost',
      id: Buffer.from('b'),
      ...{ source: 1, filtered: 0, sink: 0, uncommitted: 1 },
      places: { source: place, uncommitted: place },
    });
    assert.deepEqual(told(balanceOf({ a: { source: 1 } }, undefined, undefined, 0)), []);
  });

  it('refuses a number of times that is none', () => {
    for (const times of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => balanceOf({}, { kind: 'one-to-many', times }), hasCode('USAGE', /one-to-many with times/));
    }
  });

  it('keeps the truth within its extents, whatever was not read or not decided', () => {
    const relations: Relation[] = [
      { kind: 'one-to-one' },
      { kind: 'one-to-many' },
      { kind: 'one-to-many', times: 2 },
      { kind: 'subset' },
    ];
    const cases = fc.record({
      seed: fc.integer(),
      relation: fc.constantFrom(...relations),
      coverage: fc.record({
        source: fc.boolean(),
        sink: fc.boolean(),
        uncommitted: fc.boolean(),
        openTransactions: fc.boolean(),
      }),
    });
    let wide = 0;
    fc.assert(
      fc.property(cases, ({ seed, relation, coverage }) => {
        const random = randomFrom(seed);
        const below = (n: number) => Math.floor(random() * n);
        const truth: Record<string, Required<Counts>> = {};
        const seen: Record<string, Required<Counts>> = {};
        for (let i = 0; i < 6; i++) {
          const real = { source: below(4), filtered: below(2), sink: below(4), uncommitted: below(3) };
          truth[i] = real;
          const part = (all: boolean, n: number) => (all ? n : below(n + 1));
          const committedLater = coverage.openTransactions ? below(real.sink + 1) : 0;
          seen[i] = {
            source: part(coverage.source, real.source),
            filtered: part(coverage.source, real.filtered),
            sink: part(coverage.sink, real.sink - committedLater),
            uncommitted: part(coverage.uncommitted, real.uncommitted + committedLater),
          };
        }
        const real = numbers(balanceOf(truth, relation));
        const told = numbers(balanceOf(seen, relation, coverage));
        for (const kind of ['lost', 'duplicated', 'unexpected', 'shouldHaveBeenFiltered'] as const) {
          const { atLeast } = real[kind];
          const { atLeast: low, atMost: high } = told[kind];
          assert.ok(low <= atLeast && atLeast <= (high ?? atLeast), `${kind} ${atLeast}, not ${low} to ${high}`);
          if (low !== high) wide++;
        }
      }),
      { numRuns: trials(40) },
    );
    assert.ok(wide > 100);
  });
});
