import assert from 'node:assert/strict';
import { tellsOfData } from '../../support/excuse.js';

describe('a test file that fails while the machine is not itself', () => {
  const summary = (lost: string, recovery: string) =>
    `  AssertionError: FAILED  kill-leader\n    Objectives\n      ${lost}  lost      0           measured 3\n      ${recovery}  recovery  within 60s  measured 61 s\n`;

  it('is not asked twice when an objective on data failed', () => {
    assert.equal(tellsOfData(summary('failed', 'passed')), true);
    assert.equal(tellsOfData('      failed  wrongState  0  measured 1'), true);
    assert.equal(tellsOfData(summary('passed', 'failed')), false);
    assert.equal(tellsOfData('fault 1 failed; lost connection'), false);
  });
});
