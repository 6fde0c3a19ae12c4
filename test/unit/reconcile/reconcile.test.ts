import assert from 'node:assert/strict';
import type { LogReader } from '../../../src/client/kafka/log/log-reader.js';
import { RecordView } from '../../../src/client/kafka/records/record-batch.js';
import { compileIdentity } from '../../../src/reconcile/identity/compile.js';
import { parseIdentity } from '../../../src/reconcile/identity/short-form.js';
import { reconcile } from '../../../src/reconcile/reconcile.js';
import { verdictOf } from '../../../src/reconcile/verdict.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A topic of one partition with these ids from an offset on. */
function topicOf(ids: readonly number[], earliest = 0): LogReader {
  const end = earliest + ids.length;
  const ends = { partition: 0, leaderEpoch: 0, earliest, lastStableOffset: end, highWatermark: end };
  return {
    offsets: async () => [ends],
    read: async (_topic, _options, onRecord) => {
      ids.forEach((id, i) => {
        const view = new RecordView();
        view.buffer = Buffer.from(`{"id":${id}}`);
        [view.offset, view.valueStart, view.valueEnd] = [earliest + i, 0, view.buffer.length];
        view.headersStart = view.headersEnd = view.buffer.length;
        onRecord(view);
      });
      return [{ partition: 0, from: earliest, to: end, lastStableOffset: end, highWatermark: end }];
    },
    aborted: false,
  } as Partial<LogReader> as LogReader;
}

describe('reconciling', () => {
  const folder = temporaryFolder();

  async function verdict(source: LogReader, sink: LogReader) {
    const extractor = () =>
      compileIdentity(parseIdentity('json:/id'), { registry: () => assert.fail('no registry is needed') });
    const found = await reconcile({
      source: { reader: source, topic: 'in', extractor: await extractor() },
      sink: { reader: sink, topic: 'out', extractor: await extractor() },
      relation: { kind: 'one-to-one' },
      budgetBytes: 1024 * 1024,
      scratch: folder(),
      examples: 5,
    });
    return verdictOf(found, 'exactly-once');
  }

  it('passes what is whole, and fails what is not', async () => {
    assert.equal((await verdict(topicOf([1, 2, 3]), topicOf([3, 1, 2]))).verdict, 'passed');
    assert.deepEqual(await verdict(topicOf([1, 2, 3]), topicOf([1, 1, 4])), {
      verdict: 'failed',
      reasons: ['2 records lost', '1 records duplicated', '1 records unexpected'],
    });
  });

  it('does not call invented what the source may have held before its oldest records were deleted', async () => {
    const { verdict: found, reasons } = await verdict(topicOf([3, 4], 2), topicOf([1, 2, 3, 4]));
    assert.equal(found, 'inconclusive');
    assert.match(reasons.join(), /topic in begins at offset 2 of partition 0/);
  });

  it('does not call lost what the sink may have held before its oldest records were deleted', async () => {
    const { verdict: found, reasons } = await verdict(topicOf([1, 2, 3, 4]), topicOf([3, 4], 2));
    assert.equal(found, 'inconclusive');
    assert.match(reasons.join(), /topic out begins at offset 2 of partition 0/);
  });

  it('passes nothing where nothing was matched', async () => {
    const { verdict: found, reasons } = await verdict(topicOf([]), topicOf([]));
    assert.equal(found, 'inconclusive');
    assert.match(reasons.join(), /nothing was matched/);
  });
});
