import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CountUpdate } from '../../../src/workload/record/count-update.js';
import { checkOf, formatRecord, LaneRecord } from '../../../src/workload/record/lane-record.js';
import { trials } from '../../support/effort.js';

const isWhole = (it: unknown): it is number => Number.isSafeInteger(it) && (it as number) >= 0;

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Naive: JSON.parse, three safe whole numbers, and what the producer would have written for them. */
function naive(text: string): unknown[] {
  const { lane, seq, ts, chk, pad = '', ...more } = parsed(text) ?? {};
  if (!isWhole(lane) || !isWhole(seq) || !isWhole(ts)) return ['unreadable'];
  const filled = formatRecord(lane, seq, ts, 60_000).includes(`"pad":"${String(pad)}`);
  const intact = chk === checkOf(lane, seq, ts) && filled && Object.keys(more).length === 0;
  return [intact ? 'intact' : 'altered', lane, seq, ts];
}

const whole = fc.oneof(fc.maxSafeNat(), fc.nat(20), fc.nat(99_999), fc.constant(999_999_999_999_999));
const size = fc.oneof(fc.constant(0), fc.nat(130));
const harm = fc.record({
  at: fc.nat(130),
  by: fc.constantFrom('', '0', '9', 'x', ':', '/', ' ', '"', '}', ',', 'e1', '.0', '\u00e9'),
});
const harmed = (text: string, harms: readonly { at: number; by: string }[], cut: boolean): string =>
  harms.reduce((t, { at, by }) => t.slice(0, at) + by + t.slice(by === '' || cut ? at + 1 : at), text);

describe('a record of the workload', () => {
  const record = new LaneRecord();
  /** Read from the middle of other bytes, which must not matter. */
  const read = (text: string): unknown[] => {
    const bytes = Buffer.from(`9${text}7}`);
    const state = record.read(bytes, 1, bytes.length - 2);
    return state === 'unreadable' ? [state] : [state, record.lane, record.sequence, record.time];
  };

  it('is read back as it was written, of any size', () => {
    fc.assert(
      fc.property(whole, whole, whole, size, (lane, seq, ts, bytes) => {
        const text = formatRecord(lane, seq, ts, bytes);
        assert.deepEqual(read(text), ['intact', lane, seq, ts]);
        assert.ok(text.length >= bytes || bytes - text.length < '","pad":""'.length, text);
      }),
    );
  });

  it('is as long as was asked for', () => {
    for (const bytes of [100, 101, 102, 103, 1000, 65_536]) {
      assert.equal(formatRecord(3, 17, 1_700_000_000_000, bytes).length, bytes);
    }
  });

  it('is read as JSON.parse reads it, whatever is done to it', () => {
    fc.assert(
      fc.property(
        ...([whole, whole, whole, size, fc.array(harm, { maxLength: 2 }), fc.boolean()] as const),
        (lane, seq, ts, bytes, harms, cut) => {
          const text = harmed(formatRecord(lane, seq, ts, bytes), harms, cut);
          assert.deepEqual(read(text), naive(text), text);
        },
      ),
      { numRuns: trials(100) },
    );
  });

  it('shows each change of one of its numbers', () => {
    const number = fc.oneof(fc.nat(2000), fc.nat(1_000_000_000), fc.nat(2_000_000_000_000));
    fc.assert(
      fc.property(number, number, number, fc.nat(2), number, (lane, seq, ts, which, other) => {
        const changed = [lane, seq, ts];
        changed[which] = other;
        const [a = 0, b = 0, c = 0] = changed;
        const text = formatRecord(lane, seq, ts).replace(/"lane.*"chk/, `"lane":${a},"seq":${b},"ts":${c},"chk`);
        assert.equal(read(text)[0], changed.join() === [lane, seq, ts].join() ? 'intact' : 'altered', text);
      }),
    );
  });

  for (const [text, state] of [
    ['{"lane":01,"seq":2,"ts":3}', 'unreadable'],
    ['{"lane":1,"seq":,"ts":3}', 'unreadable'],
    ['{"lane":1,"seq":2,"ts":3', 'unreadable'],
    ['{"lane":1,"seq":-2,"ts":3}', 'unreadable'],
    ['', 'unreadable'],
    ['{"lane":1,"seq":2,"ts":3}', 'altered'],
    ['{"lane":1,"seq":2,"ts":3,"chk":null}', 'altered'],
    [formatRecord(1, 2, 3, 100).replace('"0123', '"0132'), 'altered'],
    [formatRecord(1, 2, 3).replace('}', ',"more":1}'), 'altered'],
  ] as const) {
    it(`is ${state}: ${text || 'nothing'}`, () => assert.equal(read(text)[0], state));
  }
});

describe('an update of the count job', () => {
  const update = new CountUpdate();
  const read = (text: string): unknown => {
    const bytes = Buffer.from(`9${text}7}`);
    return update.read(bytes, 1, bytes.length - 2) ? [update.lane, update.count, update.max] : undefined;
  };

  it('is read as JSON.parse reads it, whatever is done to it', () => {
    fc.assert(
      fc.property(whole, whole, whole, fc.array(harm, { maxLength: 2 }), fc.boolean(), (lane, cnt, mx, harms, cut) => {
        const text = harmed(`{"lane":${lane},"cnt":${cnt},"mx":${mx}}`, harms, cut);
        const fields = parsed(text) ?? {};
        const numbers = [fields.lane, fields.cnt, fields.mx];
        assert.deepEqual(read(text), numbers.every(isWhole) ? numbers : undefined, text);
      }),
      { numRuns: trials(100) },
    );
  });
});
