import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { KERNEL_FILE, kernelDigest } from '../../../scripts/kernel-module.js';
import { openBatch, RecordView, scanBatches, walkBatch } from '../../../src/client/kafka/records/record-batch.js';
import type { WholeBatch } from '../../../src/client/kafka/records/whole-batch.js';
import { messageOf } from '../../../src/core/error.js';
import { ENTRY_WORDS, LaneKernel, RUN_WORDS } from '../../../src/workload/record/lane-kernel.js';
import { formatRecord, LaneRecord } from '../../../src/workload/record/lane-record.js';
import { trials } from '../../support/effort.js';
import { encodeBatch } from '../../support/record-batches.js';

const ORIGIN = { broker: 'b', topic: 't', partition: 0 };
const TIME = 1_763_725_899_123;

/** What each record comes to, or the error that the batch ends in. */
type Answer = unknown[][] | string;

function slowly(batch: WholeBatch): Answer {
  const answers: unknown[][] = [];
  const view = new RecordView();
  const fields = new LaneRecord();
  try {
    walkBatch(batch, ORIGIN, view, () => {
      const { offset, timestamp, buffer, valueStart, valueEnd } = view;
      const state = valueStart < 0 ? 'null' : fields.read(buffer, valueStart, valueEnd);
      const intact = state === 'intact';
      const place = intact
        ? [fields.lane, fields.sequence, fields.time]
        : [valueStart - batch.start, valueEnd - batch.start];
      answers.push([offset, timestamp, state, ...(state === 'null' ? [] : place)]);
    });
  } catch (error) {
    return messageOf(error);
  }
  return answers;
}

const kernel = new LaneKernel();
const outcomes = { intact: 0, again: 0, left: 0, runs: 0 };

/** The same with the kernel, leaving to the other way what it leaves. */
function quickly(batch: WholeBatch): Answer {
  if (!kernel.read(batch)) {
    outcomes.left++;
    return slowly(batch);
  }
  assert.deepEqual(runsOf(kernel), naiveRuns(Array.from({ length: batch.count }, (_, i) => entry(kernel, i))));
  const fields = new LaneRecord();
  return Array.from({ length: batch.count }, (_, i) => {
    const { lane, sequence, time, offsetDelta, timestampDelta, valueStart, valueEnd } = entry(kernel, i);
    const timestamp = batch.baseTimestamp + batch.timestampFactor * timestampDelta;
    const head = [batch.baseOffset + offsetDelta, timestamp];
    if (lane >= 0) {
      outcomes.intact++;
      return [...head, 'intact', lane, sequence, time];
    }
    outcomes.again++;
    if (valueStart < 0) return [...head, 'null'];
    const state = fields.read(batch.body, batch.start + valueStart, batch.start + valueEnd);
    const intact = state === 'intact';
    return [...head, state, ...(intact ? [fields.lane, fields.sequence, fields.time] : [valueStart, valueEnd])];
  });
}

function entry({ words, doubles, first }: LaneKernel, i: number) {
  const at = first + ENTRY_WORDS * i;
  const [lane = -1, sequence = 0, , , offsetDelta = 0, timestampDelta = 0, valueStart = -1, valueEnd = -1] =
    words.subarray(at, at + ENTRY_WORDS);
  return { lane, sequence, time: doubles[at / 2 + 1]!, offsetDelta, timestampDelta, valueStart, valueEnd };
}

type Entry = ReturnType<typeof entry>;

const runsOf = ({ words, doubles, firstRun, runs }: LaneKernel): unknown[] =>
  Array.from({ length: runs }, (_, i) => {
    const at = firstRun + i * RUN_WORDS;
    return [...words.subarray(at, at + 3), doubles[at / 2 + 2]];
  });

/** Lane, first and last sequence and latest time of each lane, where all are intact and each lane is one run. */
function naiveRuns(entries: readonly Entry[]): unknown[] {
  const lanes = new Map<number, Entry[]>();
  for (const it of entries) lanes.set(it.lane, [...(lanes.get(it.lane) ?? []), it]);
  const whole = [...lanes].every(
    ([lane, of]) =>
      lane >= 0 && lane < 1024 && of.every(({ sequence }, i) => i === 0 || sequence === of[i - 1]!.sequence + 1),
  );
  if (!whole) return [];
  if (entries.length > 1) outcomes.runs++;
  return [...lanes].map(([lane, of]) => [
    ...[lane, of[0]?.sequence, of.at(-1)?.sequence],
    Math.max(...of.map(({ time }) => time)),
  ]);
}

function opened(bytes: Buffer): WholeBatch {
  const [header] = scanBatches(bytes, ORIGIN);
  assert.ok(header);
  return openBatch(bytes, header, ORIGIN);
}

const number = fc.oneof(
  ...[fc.nat(11), fc.nat(99_999), fc.nat(2 ** 31 - 1), fc.constantFrom(7, 8, 9, 10, 15, 16).map((n) => 10 ** n - 1)],
  ...[fc.constantFrom(TIME, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 99_999_999, 100_000_000), fc.maxSafeNat()],
);
const size = fc.oneof(fc.constant(0), fc.integer({ min: 60, max: 140 }), fc.constantFrom(1000, 65_536, 65_600, 65_700));
const bit = fc.constantFrom('', '0', '9', 'x', ':', '/', ' ', '"', '}', ',', 'é', '-', '.0', '},');
const harm = fc.record({ at: fc.oneof(fc.nat(130), fc.nat(1100)), by: bit, instead: fc.boolean() });
const harmed = (text: string, harms: readonly { at: number; by: string; instead: boolean }[]): string =>
  harms.reduce((t, { at, by, instead }) => t.slice(0, at) + by + t.slice(instead || by === '' ? at + 1 : at), text);
const zeros = [1, 2, 3].map((n) => formatRecord(1, 2, 3, 90).replace(`:${n}`, `:0${n}`));
const value = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...zeros) },
  { weight: 3, arbitrary: fc.tuple(number, number, number, size).map((it) => formatRecord(...it)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.tuple(number, number, number, size), fc.array(harm, { minLength: 1, maxLength: 2 }))
      .map(([it, harms]) => harmed(formatRecord(...it), harms)),
  },
  { weight: 1, arbitrary: fc.constantFrom(null, '', '}', '{}', '{"lane":', '{"lane":1,"seq":2,"ts":3,"chk":4}') },
);
const record = fc.record(
  {
    value,
    key: fc.constantFrom(null, '', 'k', 'k'.repeat(70)),
    headers: fc.nat(2),
  },
  { requiredKeys: ['value'] },
);
/** Lanes that go on, now and then not. */
const skips = fc.array(fc.tuple(fc.nat(2), fc.constantFrom(1, 1, 1, 1, 1, 2, 0), fc.nat(9)), { maxLength: 9 });
const lanes = fc.tuple(skips, fc.constantFrom(0, 1022)).map(([steps, first]) => {
  const last = [5, 70, 2 ** 31 - 3];
  return steps.map(([lane, skip, later]) => {
    last[lane]! += skip;
    return { value: formatRecord(first + lane, last[lane]!, TIME - later, 100) };
  });
});
const batch = fc.record({
  records: fc.oneof(fc.array(record, { maxLength: 6 }), lanes),
  baseOffset: fc.nat(1_000_000),
  logAppendTime: fc.boolean(),
});

describe('the kernel for batches of lane records', () => {
  it('gives the answers of LaneRecord, whatever a value is', () => {
    fc.assert(
      fc.property(batch, (source) => {
        const whole = opened(encodeBatch(source));
        assert.deepEqual(quickly(whole), slowly(whole));
      }),
      { numRuns: trials(150) },
    );
    assert.ok(outcomes.intact > 100 && outcomes.again > 80 && outcomes.runs > 6, JSON.stringify(outcomes));
  });

  it('ends a damaged batch as it ends record by record, and never reads beyond it', () => {
    const damage = fc.array(fc.record({ at: fc.nat(), to: fc.oneof(fc.nat(255), fc.constantFrom(0x7f, 0x80, 0xff)) }));
    const change = fc.record({ damage, more: fc.integer({ min: -2, max: 2 }), cut: fc.nat(9) });
    fc.assert(
      fc.property(batch, change, fc.boolean(), (source, { damage: bytes, more, cut }, before) => {
        // What lies behind the batch must not matter: the rest of another one, and of the kernel's own entries.
        if (before)
          kernel.read(opened(encodeBatch({ baseOffset: 0, records: Array(9).fill({ value: 'x'.repeat(99) }) })));
        const whole = opened(encodeBatch(source));
        whole.end -= Math.min(cut, whole.end - whole.start);
        whole.count += more;
        const length = whole.end - whole.start;
        for (const { at, to } of bytes) if (length > 0) whole.body[whole.start + (at % length)] = to;
        assert.deepEqual(quickly(whole), slowly(whole));
      }),
      { numRuns: trials(200) },
    );
  });

  it('leaves what is unusual: offsets outside of the batch, numbers of five bytes, counts that cannot be', () => {
    const records = [{ value: formatRecord(1, 2, 3) }];
    const left = (more: Partial<WholeBatch>, source = {}) =>
      !kernel.read({ ...opened(encodeBatch({ baseOffset: 5, records, ...source })), ...more });
    assert.equal(left({}), false);
    assert.ok(left({}, { deltas: [1] }));
    assert.ok(left({}, { deltas: [2 ** 28], lastDelta: 2 ** 30 }));
    for (const count of [-1, 0, 2, 2 ** 31 - 1]) assert.ok(left({ count }));
  });

  it('reads what fills its memory to the last byte', () => {
    for (const spare of [0, 1, 2, 3, 60]) {
      const own = new LaneKernel();
      const values = Array.from({ length: 700 }, (_, i) => ({ value: formatRecord(i % 8, i, TIME + i, 100 + spare) }));
      const whole = opened(encodeBatch({ baseOffset: 0, records: values }));
      assert.ok(own.read(whole));
      for (let i = 0; i < 700; i++) {
        const { lane, sequence, time } = entry(own, i);
        assert.deepEqual([lane, sequence, time], [i % 8, i, TIME + i]);
      }
    }
  });

  it('is compiled from its source; renew it with npm run kernel', () => {
    assert.ok(readFileSync(KERNEL_FILE, 'utf8').includes(kernelDigest()));
  });
});
