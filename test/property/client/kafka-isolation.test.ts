import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openLog } from '../../../src/client/kafka/log/log-reader.js';
import { AbortedFilter } from '../../../src/client/kafka/records/aborted-filter.js';
import { type CannedBroker, startCannedBroker } from '../../support/canned-broker.js';
import { trials } from '../../support/effort.js';
import { type ExpectedRecord, type LogStep, playLog } from '../../support/transaction-log.js';

const producer = fc.integer({ min: 1, max: 4 });
const records = fc.integer({ min: 1, max: 3 });
const step: fc.Arbitrary<LogStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), producer, records }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      producer,
      how: fc.constantFrom('abort' as const, 'commit' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('plain' as const), records }) },
);

describe('kafka isolation', () => {
  let broker: CannedBroker;
  let fetchBytes: () => number = () => 1e6;
  before(async () => {
    broker = await startCannedBroker({ partitions: [], fetchBytes: () => fetchBytes() });
  });
  after(() => broker.stop());

  async function check(steps: readonly LogStep[], sizes: readonly number[]): Promise<void> {
    const { log, expected } = playLog(steps);
    broker.options.partitions = [log];
    let turn = 0;
    fetchBytes = () => sizes[turn++ % sizes.length] ?? 1;
    const reader = openLog({ brokers: [broker.address], clientId: 'test', deadlineMs: 5000 });
    try {
      const both: ExpectedRecord[] = [];
      await reader.read('t', { isolation: 'read_uncommitted' }, (record) =>
        both.push({ offset: record.offset, value: String(record.value()), committed: record.committed }),
      );
      assert.deepEqual(both, expected);
      const committed: number[] = [];
      const outcome = await reader.read('t', { isolation: 'read_committed' }, ({ offset }) => committed.push(offset));
      assert.deepEqual(
        committed,
        expected.filter((record) => record.committed).map(({ offset }) => offset),
      );
      assert.equal(outcome[0]?.to, log.lastStableOffset);
      assert.equal(outcome[0]?.error, undefined);
      const [count] = await reader.count('t');
      const below = expected.filter(({ offset }) => offset < log.lastStableOffset);
      assert.deepEqual(
        [count?.committed, count?.aborted, count?.undecided, count?.control],
        [
          committed.length,
          below.length - committed.length,
          expected.length - below.length,
          log.highWatermark - expected.length,
        ],
      );
    } finally {
      reader.close();
    }
  }

  it('drops both of two overlapping aborted transactions when the later one ends first', async () => {
    const overlap: LogStep[] = [
      { do: 'write', producer: 1, records: 2 },
      { do: 'write', producer: 2, records: 2 },
      { do: 'plain', records: 1 },
      { do: 'end', producer: 2, how: 'abort' },
      { do: 'write', producer: 1, records: 1 },
      { do: 'end', producer: 1, how: 'abort' },
      { do: 'write', producer: 1, records: 1 },
      { do: 'end', producer: 1, how: 'commit' },
    ];
    for (const size of [1, 120, 200, 1e6]) await check(overlap, [size]);
  });

  it('agrees with a naive model on any interleaving and any fetch boundaries', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), sizes, check), { numRuns: trials(10) });
  });

  it('keeps a producer aborted only up to its marker', () => {
    const filter = new AbortedFilter([
      { producerId: 7, firstOffset: 20 },
      { producerId: 7, firstOffset: 0 },
    ]);
    const batch = (lastOffset: number, marker?: 'abort' | 'commit') =>
      filter.drops({ lastOffset, producerId: 7, transactional: true, marker });
    assert.deepEqual(
      [batch(1), batch(2, 'abort'), batch(5), batch(6, 'commit'), batch(21)],
      [true, false, false, false, true],
    );
  });
});
