import assert from 'node:assert/strict';
import { countRows } from '../../../src/reconcile/flink-sql/rows.js';
import { MultisetCounter } from '../../../src/reconcile/multiset-balance.js';
import { hasCode } from '../../support/has-code.js';

const at = (ms: number, partition: number, offset: number): string =>
  String(BigInt(ms + 1) * 10n ** 25n + BigInt(partition) * 10n ** 19n + BigInt(offset));
/** `about`, key, numbers (in, filtered, out, not committed, source not committed, wrong, ids), places. */
const row = (about: string, key: string | null, numbers: number[], ...places: (string | null)[]): unknown[] => [
  about,
  key,
  ...numbers,
  ...[0, 1, 2, 3].map((i) => places[i] ?? null),
];
const ALL = { source: true, sink: true, uncommitted: true, openTransactions: false };

describe('the rows of a batch reconciliation', () => {
  it('are counted as the reader counts, the first of each problem with their places', () => {
    const counter = new MultisetCounter({ kind: 'one-to-one' }, 5);
    const { source, sink } = countRows(
      [
        row('=', null, [1, 0, 1, 0, 2, 0, 1_000_000]),
        row('=', null, [1, 0, 0, 1, 0, 0, 7], at(1, 0, 1), null, null, at(2, 0, 9)),
        row('=', null, [1, 0, 3, 0, 0, 0, 1]),
        row('#Sn', null, [1, 0, 0, 0, 0, 0, 2]),
        row('#Sn', null, [0, 0, 0, 0, 1, 0, 1]),
        row('#Sd', null, [0, 1, 0, 0, 0, 0, 4]),
        row(
          'lost',
          '"a',
          [1, 0, 0, 1, 0, 0, 1],
          at(1_700_000_000_123, 2, 9_007_199_254_740_991),
          null,
          null,
          at(-1, 0, 9),
        ),
        row(
          'uncommittedOnly',
          '"a',
          [1, 0, 0, 1, 0, 0, 1],
          at(1_700_000_000_123, 2, 9_007_199_254_740_991),
          null,
          null,
          at(-1, 0, 9),
        ),
        row('duplicated', '7', [1, 0, 3, 0, 0, 0, 1], at(5, 0, 0), at(6, 1, 1), at(7, 0, 2)),
        row('#Sn', '#Sn1:17', [1, 0, 0, 0, 0, 0, 1]),
        row('#Sn', '#Sn0:18', [0, 0, 0, 0, 1, 0, 1]),
      ],
      counter,
    );
    const { examples, ...balance } = counter.balance(ALL);
    const exactly = (n: number) => ({ atLeast: n, atMost: n });
    assert.deepEqual(balance, {
      sourceRecords: 1_000_008,
      sourceIds: 1_000_008,
      filteredRecords: 0,
      sinkRecords: 1_000_003,
      sinkIds: 1_000_001,
      lost: exactly(7),
      lostYetUncommitted: 7,
      duplicated: exactly(2),
      unexpected: exactly(0),
      shouldHaveBeenFiltered: exactly(0),
      uncommittedOnly: exactly(7),
    });
    assert.deepEqual(
      examples.map(({ problem, id }) => `${problem} ${id}`),
      ['lost "a', 'duplicated 7', 'uncommittedOnly "a'],
    );
    assert.deepEqual(examples[0]?.places, {
      source: { partition: 2, offset: 9_007_199_254_740_991, timestamp: 1_700_000_000_123 },
      uncommitted: { partition: 0, offset: 9, timestamp: -1 },
    });
    assert.equal(examples[1]?.places.repeat?.offset, 2);
    assert.deepEqual(source, {
      records: 1_000_014,
      uncommitted: 3,
      unjudged: 3,
      first: [
        { partition: 0, offset: 18 },
        { partition: 1, offset: 17 },
      ],
      odd: 0,
    });
    assert.deepEqual([sink.records, sink.uncommitted, sink.unjudged], [1_000_003, 7, 0]);
  });

  it('name the first record that SQL cannot judge', () => {
    const rows = [
      row('#K!', null, [0, 0, 1, 0, 0, 0, 3]),
      row('#K!', '#K!4:5!a number: so\nand so', [0, 0, 1, 0, 0, 0, 1]),
    ];
    const { sink } = countRows(rows, new MultisetCounter({ kind: 'one-to-one' }, 5));
    assert.deepEqual([sink.odd, sink.firstOdd], [3, { partition: 4, offset: 5, reason: 'a number: so\nand so' }]);
  });

  for (const [name, rows, says] of [
    ['a record that was seen twice', [row('=', null, [1, 0, 1, 0, 0, 2, 1])], /2 records were not seen once/],
    ['an example that no group has', [row('lost', '"a', [1, 0, 0, 0, 0, 0, 1])], /no id is counted like "a/],
    ['a number that JSON has rounded', [row('=', null, [2 ** 53, 0, 0, 0, 0, 0, 1])], /a row is/],
    ['another shape', [['=', null, 1]], /a row is/],
  ] as const) {
    it(`are not believed: ${name}`, () => {
      const count = () => countRows(rows, new MultisetCounter({ kind: 'one-to-one' }, 5));
      assert.throws(count, hasCode('SQL_GATEWAY', says));
    });
  }
});
