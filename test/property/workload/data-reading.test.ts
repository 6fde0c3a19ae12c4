import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openBatch, RecordView, scanBatches, walkBatch } from '../../../src/client/kafka/records/record-batch.js';
import { formatRecord } from '../../../src/workload/record/lane-record.js';
import { scan } from '../../../src/workload/record/lane-scan.js';
import { DataReading } from '../../../src/workload/tally/data-reading.js';
import { examplesOf, seenLanes } from '../../../src/workload/tally/data-tally.js';
import { trials } from '../../support/effort.js';
import { encodeBatch } from '../../support/record-batches.js';

const ORIGIN = { broker: 'b', topic: 't', partition: 0 };
const ATTEMPTED = new Map([
  [0, 40],
  [1, 1000],
]);

/** Mostly a lane that goes on, with what may come between. */
const step = fc.record({
  lane: fc.nat(2),
  skip: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 1, 2, 0, -3, -30),
  later: fc.constantFrom(0, 1, 7, 60),
  odd: fc.constantFrom(false, false, false, false, false, 'altered', 'text', 'null', 'order'),
});
/** What the kernel sums up: each lane goes on and the marks of its times are far apart. */
const calm = fc.record({
  lane: fc.nat(2),
  skip: fc.constant(1),
  later: fc.constantFrom(0, 0, 0, 1),
  odd: fc.constant(false),
});
const source = fc.record({
  steps: fc.oneof(...[step, calm, calm].map((of) => fc.array(of, { minLength: 1, maxLength: 30 }))),
  partition: fc.constantFrom(0, 0, 0, 1),
  producerId: fc.constantFrom(-1, 5, 6),
  state: fc.constantFrom('committed', 'committed', 'committed', 'aborted', 'open'),
  logAppendTime: fc.boolean(),
});

function all({ committed, held, times }: DataReading) {
  const tallies = [committed, ...held.tallies];
  const lanes = seenLanes(tallies);
  const of = committed.laneNumbers;
  return {
    lanes,
    examples: examplesOf(tallies, lanes),
    held: held.held(),
    order: of.map((lane) => committed.inOrder(lane)),
    times: of.map((lane) => [1, 5, 20].map((from) => times.between(lane, from, from + 3))),
    counts: tallies.map(({ records, unreadable, altered }) => [records, unreadable, altered]),
    places: tallies.map(({ back, unread, changed, unexpected }) => [back, unread, changed, unexpected]),
  };
}

/** As they come back from a thread, behind others. */
function joined(pieces: readonly Int32Array[]): Int32Array {
  const words = new Int32Array([7, 7, ...pieces.flatMap((piece) => [...piece])]);
  return words.subarray(2);
}

describe('records of a topic as they are read', () => {
  it('come to the same by batches, in this thread or another, as one by one', () => {
    let byBatch = 0;
    fc.assert(
      fc.property(fc.array(source, { maxLength: 9 }), fc.boolean(), (sources, known) => {
        const attempted = known ? ATTEMPTED : undefined;
        const [whole, scanned, single] = [1, 2, 3].map(() => new DataReading(attempted)) as [
          DataReading,
          DataReading,
          DataReading,
        ];
        const sequences = [0, 0, 0];
        let [time, baseOffset] = [1_763_725_899_000, 0];
        for (const { steps, partition, producerId, state, logAppendTime } of sources) {
          const records = steps.map(({ lane, skip, later, odd }) => {
            const sequence = Math.max(0, sequences[lane]! + skip);
            sequences[lane] = sequence;
            time += later;
            const text = formatRecord(lane, sequence, time, 90);
            if (odd === 'altered') return { value: text.replace('"seq":', '"seq":1') };
            if (odd === 'order')
              return { value: JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())) };
            return { value: odd === 'text' ? 'text' : odd === 'null' ? null : text };
          });
          const bytes = encodeBatch({ baseOffset, records, producerId, logAppendTime });
          baseOffset += records.length;
          const batch = openBatch(bytes, scanBatches(bytes, ORIGIN)[0]!, ORIGIN);
          const [committed, stable] = [state === 'committed', state !== 'open'];
          const read = { ...batch, partition, committed, stable, open: () => batch };
          assert.ok(whole.addBatch(read));
          assert.ok(scanned.addBatch({ ...read, words: joined(scan(batch) ?? []) }));
          byBatch++;
          const view = Object.assign(new RecordView(), { partition, committed, stable });
          walkBatch(batch, ORIGIN, view, () => single.addRecord(view));
        }
        assert.deepEqual(all(whole), all(single));
        assert.deepEqual(all(scanned), all(single));
      }),
      { numRuns: trials(100) },
    );
    assert.ok(byBatch > 300);
  });
});
