import assert from 'node:assert/strict';
import { seededPick } from '../../../src/core/pick.js';

const choices = (seed: number, count: number, times = 12) => {
  const pick = seededPick(seed);
  return Array.from({ length: times }, () => pick(count));
};

describe('core/pick', () => {
  it('chooses the same for the same seed, in every version: runs are replayed by it', () => {
    assert.deepEqual(choices(42, 3), [1, 0, 2, 1, 2, 0, 1, 0, 0, 2, 2, 0]);
    assert.notDeepEqual(choices(43, 3), choices(42, 3));
  });

  it('chooses each about as often as any other', () => {
    const counts = [0, 0, 0, 0, 0];
    for (const choice of choices(7, 5, 5000)) counts[choice] = (counts[choice] ?? 0) + 1;
    assert.ok(counts.length === 5 && counts.every((n) => n > 850 && n < 1150), String(counts));
  });
});
