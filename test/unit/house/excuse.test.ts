import assert from 'node:assert/strict';
import { tellsOfData } from '../../support/excuse.js';
import { parseCpuTimes } from '../../support/machine-watch.js';

describe('a test file that fails while the machine is taken away', () => {
  const summary = (lost: string, recovery: string) =>
    `  AssertionError: FAILED  kill-leader\n    Objectives\n      ${lost}  lost      0           measured 3\n      ${recovery}  recovery  within 60s  measured 61 s\n`;

  it('is not asked twice when an objective on data failed', () => {
    assert.equal(tellsOfData(summary('failed', 'passed')), true);
    assert.equal(tellsOfData('      failed  wrongState  0  measured 1'), true);
    assert.equal(tellsOfData(summary('passed', 'failed')), false);
    assert.equal(tellsOfData('fault 1 failed; lost connection'), false);
  });

  it('is one whose machine gave its processors to others, by what the kernel counts', () => {
    const stat = 'cpu  100 20 30 400 50 0 10 390 7 0\ncpu0 50 10 15 200 25 0 5 195 3 0\n';
    assert.deepEqual(parseCpuTimes(stat), { stolen: 390, all: 1000 });
    assert.equal(parseCpuTimes('cpu  100 20 30'), undefined);
    assert.equal(parseCpuTimes(''), undefined);
  });
});
