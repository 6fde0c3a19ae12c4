import assert from 'node:assert/strict';
import { RecordView } from '../../../src/client/kafka/records/record-batch.js';
import { StateTally } from '../../../src/workload/tally/state-tally.js';

describe('state tally', () => {
  it('does not judge a lane whose input order could not be kept, and says so', () => {
    const tally = new StateTally(new Map([[3, undefined]]));
    const view = new RecordView();
    view.buffer = Buffer.from('{"lane":3,"cnt":2,"mx":7}');
    [view.valueStart, view.valueEnd] = [0, view.buffer.length];
    tally.add(view);
    assert.deepEqual([tally.updates, tally.wrong], [1, 0]);
    assert.match(tally.unjudged ?? '', /lane 3 .*too many pieces/);
  });
});
