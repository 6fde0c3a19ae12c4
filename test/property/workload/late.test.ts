import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Range } from '../../../src/core/ranges.js';
import { LaneRuns } from '../../../src/workload/tally/lane-runs.js';
import { LaneTimes } from '../../../src/workload/tally/lane-times.js';
import { lateOf } from '../../../src/workload/tally/late.js';
import { trials } from '../../support/effort.js';

/** Naive: one sequence after the other. */
function naive(sequences: readonly number[]): number[] {
  const seen = new Set<number>();
  const late: number[] = [];
  for (const it of sequences) {
    if (!seen.has(it) && it < Math.max(...seen, -1)) late.push(it);
    seen.add(it);
  }
  return late.sort((a, b) => a - b);
}

const numbers = (ranges: readonly Range[]): number[] =>
  ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

describe('order within a lane', () => {
  it('agrees with a model on which records lie behind a higher one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(25), { maxLength: 60 }), (sequences) => {
        const runs = new LaneRuns();
        for (const it of sequences) runs.add(it);
        assert.deepEqual(numbers(lateOf(runs.inOrder() ?? [])), naive(sequences));
      }),
    );
  });
});

describe('times of a lane', () => {
  it('hold every record between them, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(120), { minLength: 1, maxLength: 400 }), fc.nat(399), fc.nat(399), (steps, a, b) => {
        const times = new LaneTimes();
        let at = 1000;
        // Long enough to be thinned out several times.
        const of = Array.from({ length: 100 * steps.length }, (_, i) => {
          at += steps[i % steps.length]!;
          times.add(3, i + 1, at);
          return at;
        });
        const [from, to] = [Math.min(a, b) * 25, Math.max(a, b) * 25].map((it) => Math.min(it + 1, of.length));
        const { firstTime, lastTime } = times.between(3, from!, to!)!;
        assert.ok(firstTime <= of[from! - 1]! && of[to! - 1]! <= lastTime);
      }),
      { numRuns: trials(10) },
    );
  });

  it('are near', () => {
    const times = new LaneTimes();
    for (let i = 1; i <= 10_000; i++) times.add(0, i, i * 10);
    assert.deepEqual(times.between(0, 500, 500), { firstTime: 4960, lastTime: 5010 });
    assert.equal(times.between(1, 1, 1), undefined);
  });
});
