import assert from 'node:assert/strict';
import type { Extent, FaultFinding, Phase } from '../../../src/judge/findings.js';
import { longestSilence, worstRecovery } from '../../../src/judge/worst-fault.js';

const fault = (index: number, state: Phase['state'], took?: Extent, gap?: Extent): FaultFinding => ({
  index,
  kind: 'kill',
  effective: { after: 0, by: 1 },
  evidence: [],
  phases: [{ name: 'tasksRunning', state, source: '', text: '', ...(took ? { took } : {}) }],
  ...(gap ? { outputGap: { extent: gap, text: '' } } : {}),
});
const for_ = (atLeast: number, atMost: number | null = atLeast): Extent => ({ atLeast, atMost });

describe('the worst of several faults', () => {
  it('is the one whose recovery was not seen, then one that is not known, then the longest', () => {
    const all = [
      fault(0, 'not-impacted'),
      fault(1, 'reached', for_(2000)),
      fault(2, 'reached', for_(8000)),
      fault(3, 'unclear'),
      fault(4, 'not-reached', for_(100, null)),
    ];
    for (const [i, count] of [0, 1, 2, 3, 4].entries()) assert.equal(worstRecovery(all.slice(0, count + 1))?.index, i);
    assert.equal(worstRecovery([...all].reverse())?.index, 4);
  });

  it('is none where none took effect', () => {
    const { effective: _, ...never } = fault(0, 'reached', for_(9000));
    assert.equal(worstRecovery([never]), undefined);
    assert.equal(longestSilence([never]), undefined);
  });

  it('by its silence is the one that was still silent, then the longest, then any', () => {
    const all = [
      fault(0, 'reached'),
      fault(1, 'reached', for_(1), for_(4000)),
      fault(2, 'reached', for_(1), for_(20_000)),
    ];
    assert.equal(longestSilence(all)?.index, 2);
    assert.equal(longestSilence([...all, fault(3, 'reached', for_(1), for_(100, null))])?.index, 3);
    assert.equal(longestSilence(all.slice(0, 1))?.index, 0);
  });
});
