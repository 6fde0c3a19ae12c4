import assert from 'node:assert/strict';
import { machineWatch, processorTimes } from '../../../src/target/local/machine.js';
import type { Disturbance } from '../../../src/target/ports.js';

/** What a watch tells that is woken at these times, having used so much of a processor by then. */
function told(wakings: readonly [mono: number, used: number][], stolenPerSecond = 0): Disturbance[] {
  const all: Disturbance[] = [];
  let now = 0;
  const processors = () => ({ stolen: (now * stolenPerSecond) / 1000, all: (now * 200) / 1000 });
  const take = machineWatch((it) => all.push(it), processors, { mono: 0, used: 0 });
  for (const [mono, used] of wakings) {
    now = mono;
    take({ mono, used });
  }
  return all;
}
const steadily = (to: number): [number, number][] => Array.from({ length: to / 100 }, (_, i) => [(i + 1) * 100, 0]);

describe('the watch over this machine', () => {
  it('says when nobody ran', () => {
    assert.deepEqual(
      told([
        [100, 0],
        [2_700, 10],
        [2_800, 10],
      ]),
      [{ why: 'stood-still', after: 100, by: 2_700 }],
    );
    assert.deepEqual(
      told([
        [100, 0],
        [1_150, 0],
        [1_250, 0],
      ]),
      [],
      'a queue for a processor',
    );
  });

  it('does not take its own work for a standstill', () => {
    assert.deepEqual(
      told([
        [100, 0],
        [2_700, 2_400],
        [2_800, 2_400],
      ]),
      [],
    );
  });

  it('says how much a host took, over three seconds', () => {
    assert.deepEqual(told(steadily(6_000), 130), [
      { why: 'taken', after: 0, by: 3_000, share: 0.65 },
      { why: 'taken', after: 3_000, by: 6_000, share: 0.65 },
    ]);
    assert.deepEqual(told(steadily(6_000), 90), []);
  });

  it('reads what the kernel counts', () => {
    const stat = 'cpu  100 20 30 400 50 0 10 390 7 0\ncpu0 50 10 15 200 25 0 5 195 3 0\n';
    assert.deepEqual(processorTimes(stat), { stolen: 390, all: 1000 });
    assert.equal(processorTimes('cpu  100 20 30'), undefined);
    assert.equal(processorTimes(''), undefined);
  });
});
