import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRecord, ThreeNumbers } from '../../../src/workload/record.js';

/** Naive: JSON.parse, and three safe whole numbers. */
function naive(text: string): number[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const numbers = ['lane', 'seq', 'ts'].map((name) => (parsed as Record<string, unknown>)[name]);
  return numbers.every((it) => Number.isSafeInteger(it) && (it as number) >= 0) ? (numbers as number[]) : undefined;
}

const whole = fc.oneof(fc.maxSafeNat(), fc.nat(20), fc.nat(99_999), fc.constant(999_999_999_999_999));

describe('a record of the workload', () => {
  const fields = new ThreeNumbers(['lane', 'seq', 'ts']);
  /** Read from the middle of other bytes, which must not matter. */
  const read = (text: string): number[] | undefined => {
    const bytes = Buffer.from(`9${text}7}`);
    return fields.read(bytes, 1, bytes.length - 2) ? [fields.first, fields.second, fields.third] : undefined;
  };

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(whole, whole, whole, (lane, seq, ts) => {
        assert.deepEqual(read(formatRecord(lane, seq, ts)), [lane, seq, ts]);
      }),
    );
  });

  it('is read as JSON.parse reads it, whatever is done to it', () => {
    const harm = fc.record({
      at: fc.nat(60),
      by: fc.constantFrom('', '0', '9', ':', '/', ' ', '"', '}', ',', 'e1', '.0', '\u00e9'),
    });
    fc.assert(
      fc.property(whole, whole, whole, fc.array(harm, { maxLength: 2 }), fc.boolean(), (lane, seq, ts, harms, cut) => {
        let text = formatRecord(lane, seq, ts);
        for (const { at, by } of harms) text = text.slice(0, at) + by + text.slice(by === '' || cut ? at + 1 : at);
        assert.deepEqual(read(text), naive(text), text);
      }),
      { numRuns: 400 },
    );
  });

  for (const text of [
    '{"lane":01,"seq":2,"ts":3}',
    '{"lane":1,"seq":,"ts":3}',
    '{"lane":1,"seq":2,"ts":3',
    '{"lane":1,"seq":-2,"ts":3}',
    '',
  ]) {
    it(`is none: ${text || 'nothing'}`, () => assert.equal(read(text), undefined));
  }
});
