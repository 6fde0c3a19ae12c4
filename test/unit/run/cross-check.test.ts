import assert from 'node:assert/strict';
import { type LogReader, openLog } from '../../../src/client/kafka/log/log-reader.js';
import type { OpenTransactions } from '../../../src/client/kafka/log/open-transactions.js';
import type { EventBody } from '../../../src/journal/events.js';
import { crossCheck } from '../../../src/run/steps/cross-check.js';
import { type CannedBroker, type CannedPartition, startCannedBroker } from '../../support/canned-broker.js';
import { playLog } from '../../support/transaction-log.js';

const { log } = playLog([
  { do: 'write', producer: 1, records: 3 },
  { do: 'end', producer: 1, how: 'commit' },
  { do: 'write', producer: 2, records: 2 },
  { do: 'end', producer: 2, how: 'abort' },
  { do: 'write', producer: 3, records: 4 },
]);
const OPEN: OpenTransactions = {
  transactions: [
    {
      ...{ partition: 0, firstOffset: 7, producerId: 3, producerEpoch: 1, lastTimestamp: 5 },
      ...{ transactionalId: 'flinch-x-0-8', coordinator: 1, state: 'Ongoing', ageMs: 12_000, timeoutMs: 600_000 },
    },
  ],
  complete: false,
  reason: 'broker 2 is away',
};

describe('the cross-check of a run', () => {
  let broker: CannedBroker;
  let reader: LogReader;
  async function checked(partition: CannedPartition, deadlineMs = 2000): Promise<EventBody[]> {
    broker = await startCannedBroker({
      partitions: [partition],
      trouble: ({ api }) => (partition.batches.length === 0 && api === 2 ? 'hang' : undefined),
    });
    reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs, pauseMs: 5 });
    const events: EventBody[] = [];
    const recorder = { emit: (event: EventBody) => void events.push(event) };
    const workload = { reader: { ...reader, openTransactions: async () => OPEN }, input: 't', output: 't' };
    const signal = new AbortController().signal;
    await crossCheck({ recorder, signal } as never, workload as never);
    return events;
  }
  afterEach(async () => {
    reader.close();
    await broker.stop();
  });

  it('counts both topics and tells what holds the output back', async () => {
    const [input, output, held] = await checked(log);
    const numbers = { committed: 3, aborted: 2, undecided: 4, control: 2 };
    const ends = { partition: 0, from: 0, to: 11, lastStableOffset: 7, highWatermark: 11 };
    const counted = { type: 'data.counted', topic: 't', complete: true, partitions: [{ ...ends, ...numbers }] };
    assert.deepEqual(input, { ...counted, of: 'input' });
    assert.deepEqual(output, { ...counted, of: 'output' });
    assert.deepEqual(held, {
      ...{ type: 'data.open-transactions', topic: 't', complete: false, reason: 'broker 2 is away' },
      transactions: [
        {
          ...{ partition: 0, firstOffset: 7, producerId: 3, producerEpoch: 1, transactionalId: 'flinch-x-0-8' },
          ...{ prefix: 'flinch-x', state: 'Ongoing', ageMs: 12_000, timeoutMs: 600_000 },
        },
      ],
    });
  });

  it('asks nothing more where nothing is held back', async () => {
    const events = await checked({ ...log, lastStableOffset: 11 });
    assert.deepEqual(
      events.map(({ type }) => type),
      ['data.counted', 'data.counted'],
    );
  });

  it('says what it could not count, and goes on', async () => {
    const [input, output] = await checked({ batches: [], lastStableOffset: 3, highWatermark: 3 }, 100);
    for (const event of [input, output]) {
      assert.ok(event?.type === 'data.counted' && !event.complete && event.partitions.length === 0);
      assert.match(event.reason ?? '', /the offsets of topic t could not be had/);
    }
  });
});
