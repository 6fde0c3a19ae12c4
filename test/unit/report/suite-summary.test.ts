import assert from 'node:assert/strict';
import { suiteSummary } from '../../../src/report/suite-summary.js';

describe('the summary of a suite', () => {
  it('has a line for each scenario, also for one without a verdict, and counts them', () => {
    const text = suiteSummary([
      { name: 'a', findings: { outcome: 'passed', headline: 'Every task ran again after 1 s.' } },
      { name: 'the-second', findings: { outcome: 'failed', headline: 'Missed: lost.\u001b[2J' } },
      { name: 'c' },
      { name: 'd', findings: { outcome: 'passed', headline: 'The job was not impacted.' } },
    ]);
    assert.deepEqual(text.split('\n'), [
      '',
      '4 scenarios: 2 passed, 1 failed, 1 not run',
      '  passed   a           Every task ran again after 1 s.',
      '  failed   the-second  Missed: lost. [2J',
      '  not run  c',
      '  passed   d           The job was not impacted.',
      '',
    ]);
  });
});
