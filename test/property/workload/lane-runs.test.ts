import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LaneRuns } from '../../../src/workload/tally/lane-runs.js';
import { timesOf } from '../../../src/workload/tally/times.js';

/** Runs of consecutive numbers, as replays and late records leave them. */
const arrivals = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 })), { maxLength: 12 })
  .map((runs) => runs.flatMap(([from, length]) => Array.from({ length }, (_, i) => from + i)));

function naive(sequences: readonly number[]) {
  const counts = new Map<number, number>();
  for (const sequence of sequences) counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  return counts;
}

const expand = (runs: readonly (readonly [number, number, number?])[]) =>
  runs.flatMap(([from, to, times = 1]) => Array.from({ length: to - from + 1 }, (_, i) => [from + i, times] as const));

describe('lane runs', () => {
  it('count what a naive map counts, and keep the order', () => {
    fc.assert(
      fc.property(arrivals, (sequences) => {
        const runs = new LaneRuns();
        let highest = -1;
        for (const sequence of sequences) {
          assert.equal(runs.add(sequence), sequence <= highest);
          highest = Math.max(highest, sequence);
        }
        const counts = naive(sequences);
        const { seen, repeated } = runs.ranges();
        assert.deepEqual(
          expand(seen).map(([at]) => at),
          [...counts.keys()].sort((a, b) => a - b),
        );
        assert.deepEqual(
          new Map(expand(repeated)),
          new Map([...counts].filter(([, times]) => times > 1).sort((a, b) => a[0] - b[0])),
        );
        assert.deepEqual(
          expand(runs.inOrder() ?? []).map(([at]) => at),
          sequences,
        );
      }),
    );
  });

  it('fold into counts when there are too many runs, and count on', () => {
    const runs = new LaneRuns();
    // Every other number, twice over: no two are consecutive.
    for (let round = 0; round < 2; round++) for (let at = 0; at < 50_000; at++) runs.add(2 * at);
    runs.add(1);
    assert.equal(runs.inOrder(), undefined);
    const { seen, repeated } = runs.ranges();
    assert.deepEqual([seen[0], seen.length], [[0, 2], 49_999]);
    assert.deepEqual([repeated[0], repeated.length], [[0, 0, 2], 50_000]);
  });

  it('add up runs that overlap', () => {
    assert.deepEqual(
      timesOf([
        [1, 9, 1],
        [5, 12, 2],
        [20, 20, 3],
      ]),
      {
        seen: [
          [1, 12],
          [20, 20],
        ],
        repeated: [
          [5, 9, 3],
          [10, 12, 2],
          [20, 20, 3],
        ],
      },
    );
    assert.deepEqual(timesOf([]), { seen: [], repeated: [] });
  });
});
