import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  contains,
  highest,
  intersect,
  normalise,
  type Range,
  size,
  subtract,
  union,
} from '../../../src/core/ranges.js';

const ranges = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -2, max: 9 }))
    .map(([from, n]): Range => [from, from + n]),
  { maxLength: 8 },
);
const members = (of: readonly Range[]): Set<number> =>
  new Set(of.flatMap(([from, to]) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)));
const sorted = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);

describe('core/ranges', () => {
  it('is the algebra of sets', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        const [x, y] = [members(a), members(b)];
        assert.deepEqual(sorted(members(union(a, b))), sorted(new Set([...x, ...y])));
        assert.deepEqual(sorted(members(intersect(a, b))), sorted(new Set([...x].filter((n) => y.has(n)))));
        assert.deepEqual(sorted(members(subtract(a, b))), sorted(new Set([...x].filter((n) => !y.has(n)))));
        assert.equal(size(a), x.size);
        assert.equal(highest(a), Math.max(0, ...x));
        for (let n = 0; n < 70; n += 7) assert.equal(contains(a, n), x.has(n));
      }),
    );
  });

  it('answers in the normal form', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        for (const result of [union(a, b), intersect(a, b), subtract(a, b)])
          assert.deepEqual(normalise(result), result);
      }),
    );
    assert.deepEqual(
      normalise([
        [4, 6],
        [1, 3],
        [9, 8],
      ]),
      [[1, 6]],
    );
  });
});
