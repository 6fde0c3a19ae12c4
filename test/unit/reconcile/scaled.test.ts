import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareScaled,
  minus,
  parseScaled,
  plus,
  type Scaled,
  showScaled,
} from '../../../src/reconcile/aggregate/scaled.js';

const read = (text: string): Scaled => {
  const number = parseScaled(text);
  assert.ok(number, text);
  return number;
};

describe('exact sums', () => {
  it('adds decimals without an error, however they are written', () => {
    const sum = ['0.1', '0.2', '-1e-1', '1.5E2', '0', '-0', '100.00'].map(read).reduce(plus);
    assert.equal(showScaled(sum), '250.2');
    assert.equal(showScaled(plus(read('9007199254740993'), read('1'))), '9007199254740994');
    assert.equal(showScaled(minus(read('0.3'), read('0.30'))), '0');
    assert.equal(showScaled(read('-0.05')), '-0.05');
    assert.equal(compareScaled(read('1e2'), read('100.000')), 0);
    assert.ok(compareScaled(read('-1'), read('-1.0001')) > 0);
  });

  it('takes every finite double, and refuses what would fill the memory', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const { units, scale } = read(String(value));
        assert.ok(Number(`${units}e-${scale}`) === value);
      }),
    );
    assert.ok(parseScaled('1.7976931348623157e308') && parseScaled('5e-324'));
    for (const text of ['1e1000000000', '1e-1000000000', '1e99999999999999999999', 'NaN', '', 'x']) {
      assert.equal(parseScaled(text), undefined, text);
    }
  });

  it('adds as integers do, whatever their scales', () => {
    const cents = fc.array(fc.tuple(fc.integer(), fc.nat(6)), { maxLength: 30 });
    fc.assert(
      fc.property(cents, (list) => {
        const numbers = list.map(([units, scale]) => read(`${units}e-${scale}`));
        const expected = list.reduce((sum, [units, scale]) => sum + BigInt(units) * 10n ** BigInt(6 - scale), 0n);
        const sum = numbers.reduce(plus, { units: 0n, scale: 0 });
        assert.equal(compareScaled(sum, { units: expected, scale: 6 }), 0);
      }),
    );
  });
});
