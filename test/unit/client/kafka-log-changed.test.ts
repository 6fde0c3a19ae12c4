import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { PartitionOffsets } from '../../../src/client/kafka/log/offsets.js';
import {
  type CannedBroker,
  type CannedOptions,
  type CannedPartition,
  startCannedBroker,
} from '../../support/canned-broker.js';
import { simple } from '../../support/canned-log.js';
import { leapingClock } from '../../support/leaping-clock.js';

const EPOCHS = 23;

describe('a log that is not what it was', () => {
  let broker: CannedBroker | undefined;
  let reader: LogReader | undefined;

  afterEach(async () => {
    reader?.close();
    await broker?.stop();
    broker = reader = undefined;
  });

  async function read(
    partitions: CannedPartition[],
    { bounds, from = 0, ...options }: Partial<CannedOptions> & { bounds?: PartitionOffsets[]; from?: number } = {},
  ) {
    broker = await startCannedBroker({ partitions, ...options });
    const limits = { deadlineMs: 2000, callMs: 2000, pauseMs: 5, clock: leapingClock() };
    reader = openLog({ brokers: [broker.address], clientId: 'test', ...limits });
    const found: string[] = [];
    const [outcome] = await reader.read(
      't',
      { isolation: 'read_committed', from: new Map([[0, from]]), ...(bounds ? { bounds } : {}) },
      (record) => found.push(String(record.value())),
    );
    return {
      found: found.join(''),
      to: outcome?.to,
      code: outcome?.error?.code,
      message: outcome?.error?.message ?? '',
    };
  }
  const ends = (leaderEpoch: number, end: number): PartitionOffsets[] => [
    { partition: 0, leaderEpoch, earliest: 0, lastStableOffset: end, highWatermark: end },
  ];

  it('never has its offset reset: deleted records are told', async () => {
    const { code, message, to } = await read([{ ...simple(), logStart: 2 }]);
    assert.deepEqual([code, to], ['KAFKA_LOG_CHANGED', 0]);
    assert.match(message, /deleted.*begins at offset 2.*partition 0, offset 0/);
  });

  it('that ends before the offset was cut off', async () => {
    const { message } = await read([simple()], { bounds: ends(0, 9), from: 5 });
    assert.match(message, /was cut off: it now ends at offset 3.*unclean/);
  });

  describe('after a change of leadership', () => {
    it('is as it was when it still holds the older epoch to its end', async () => {
      assert.deepEqual(await read([{ ...simple(), leaderEpoch: 4 }], { bounds: ends(4, 3) }), {
        found: 'abc',
        to: 3,
        code: undefined,
        message: '',
      });
      assert.ok(!broker?.calls.some(({ api }) => api === EPOCHS));
      reader?.close();
      await broker?.stop();
      const { found, code } = await read([{ ...simple(), leaderEpoch: 5, epochEnd: 3 }], { bounds: ends(4, 3) });
      assert.deepEqual([found, code], ['abc', undefined]);
      assert.ok(broker?.calls.some(({ api }) => api === EPOCHS));
    });

    it('is found to be cut off and written on: offsets alone do not show it', async () => {
      const { found, code, message } = await read([{ ...simple(), leaderEpoch: 6, epochEnd: 2 }], {
        bounds: ends(4, 3),
      });
      assert.deepEqual([found, code], ['abc', 'KAFKA_LOG_CHANGED']);
      assert.match(message, /epoch 4, which reached to 3.*only offsets below 2.*partition 0/);
    });

    it('is found to be another one when the topic was made anew', async () => {
      const { message } = await read([{ ...simple(), leaderEpoch: 0 }], { bounds: ends(4, 3) });
      assert.match(message, /went back from 4 to 0.*created again/);
    });

    it('counts as unread when that could not be checked', async () => {
      const { message } = await read([{ ...simple(), leaderEpoch: 5 }], {
        bounds: ends(4, 3),
        trouble: ({ api }) => (api === EPOCHS ? { error: 75 } : undefined),
      });
      assert.match(message, /whether the log was cut off.*not known.*UNKNOWN_LEADER_EPOCH/);
    });
  });
});
