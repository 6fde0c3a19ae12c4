import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import { type CannedBroker, type CannedPartition, startCannedBroker } from '../../support/canned-broker.js';
import { logOf } from '../../support/canned-log.js';

const records = (n: number) => Array.from({ length: n }, (_, i) => ({ value: `v${i}` }));

describe('kafka records counted by batch headers', () => {
  let broker: CannedBroker | undefined;
  let reader: LogReader | undefined;

  afterEach(async () => {
    reader?.close();
    await broker?.stop();
    broker = reader = undefined;
  });

  async function counted(log: CannedPartition, from?: number) {
    reader?.close();
    await broker?.stop();
    broker = await startCannedBroker({ partitions: [log] });
    reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs: 2000, pauseMs: 5 });
    const [count] = await reader.count('t', from === undefined ? {} : { from: new Map([[0, from]]) });
    assert.ok(count);
    const { committed, aborted, undecided, control, error } = count;
    return { numbers: [committed, aborted, undecided, control], error: error?.message };
  }

  it('counts what a compacted batch still holds, not its offsets', async () => {
    const log = logOf(
      { baseOffset: 0, records: records(3), deltas: [0, 4, 9], lastDelta: 9 },
      { baseOffset: 10, records: records(2) },
    );
    assert.deepEqual((await counted(log)).numbers, [5, 0, 0, 0]);
  });

  it('unpacks a batch that the start of the log cuts through, and no other', async () => {
    const log = logOf(
      { baseOffset: 0, records: records(10), codec: 1 },
      // Bytes that no decoder takes: a header is enough.
      { baseOffset: 10, records: records(7), codec: 1, pack: () => Buffer.from('not gzip') },
    );
    assert.deepEqual(await counted({ ...log, logStart: 4 }), { numbers: [13, 0, 0, 0], error: undefined });
    assert.match((await counted(log, 12)).error ?? '', /gzip data cannot be unpacked/);
  });

  it('counts nothing of a batch that is damaged, and says so', async () => {
    const log = logOf({ baseOffset: 0, records: records(2) }, { baseOffset: 2, records: records(3) });
    const [, second] = log.batches;
    second?.bytes.writeInt32BE(2, 57);
    const { numbers, error } = await counted(log);
    assert.deepEqual(numbers, [2, 0, 0, 0]);
    assert.match(error ?? '', /CRC-32C/);
  });

  it('does not believe in more records than offsets', async () => {
    const { numbers, error } = await counted(logOf({ baseOffset: 0, records: records(5), lastDelta: 2 }));
    assert.deepEqual(numbers, [0, 0, 0, 0]);
    assert.match(error ?? '', /claims 5 records in 3 offsets/);
  });
});
