import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FlinchError } from '../../../src/core/error.js';
import {
  DURATION,
  formatDuration,
  parseDuration,
  parseRate,
  parseSize,
  RATE,
  SIZE,
  writeDuration,
  writeSize,
} from '../../../src/core/units.js';

const refused = (parse: (text: string) => number, text: string, words: string) =>
  assert.throws(
    () => parse(text),
    (error) => error instanceof FlinchError && error.code === 'USAGE' && error.message.includes(words),
    `${text} should be refused with "${words}"`,
  );

describe('units', () => {
  it('reads durations as milliseconds', () => {
    const cases = { '250ms': 250, '1.5s': 1500, '1.005s': 1005, '2min': 120_000, '1 h': 3_600_000, '1d': 86_400_000 };
    for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text), ms);
  });

  it('reads sizes as bytes and rates as records a second', () => {
    assert.equal(parseSize('192MiB'), 192 * 1024 ** 2);
    assert.equal(parseSize('1.5kB'), 1500);
    assert.equal(parseRate('1000/s'), 1000);
    assert.equal(parseRate('60 / min'), 1);
  });

  it('says what would be right', () => {
    refused(parseDuration, '10', 'has no unit; write 10s');
    refused(parseDuration, '5m', 'unknown unit m; write 5min');
    refused(parseDuration, '5S', 'write 5s');
    refused(parseDuration, 'soon', 'is not a duration; write a number with a unit');
    refused(parseDuration, '-5s', 'is not a duration');
    refused(parseDuration, '5constructor', 'is not a duration');
    refused(parseDuration, `${'9'.repeat(400)}s`, 'is not a duration');
    refused(parseSize, '64', 'write 64MiB');
    refused(parseSize, '64mib', 'is not a size');
    refused(parseRate, '1000', 'write 1000/s');
    refused(parseRate, '1000/d', 'is not a rate');
  });

  it('accepts exactly what its pattern accepts, and never throws anything else', () => {
    const unit = fc.constantFrom('', 's', 'ms', 'min', 'h', 'd', 'm', 'MiB', 'kB', '/s', ' / min', '/', 'x', '\n');
    const text = fc.oneof(
      fc.string(),
      fc.tuple(fc.float({ min: 0, noNaN: true }), unit).map(([n, u]) => `${n}${u}`),
    );
    fc.assert(
      fc.property(text, fc.constantFrom(DURATION, SIZE, RATE), (written, measure) => {
        try {
          assert.ok(measure.parse(written) >= 0);
          assert.ok(measure.pattern.test(written));
        } catch (error) {
          assert.ok(error instanceof FlinchError, String(error));
          assert.ok(!measure.pattern.test(written));
        }
      }),
    );
  });

  it('writes back what it reads', () => {
    fc.assert(fc.property(fc.nat(1e9), (ms) => parseDuration(writeDuration(ms)) === ms));
    fc.assert(fc.property(fc.nat(1e9), (bytes) => parseSize(writeSize(bytes)) === bytes));
    assert.deepEqual([600_000, 1500, 0].map(writeDuration), ['10min', '1500ms', '0ms']);
    assert.equal(writeSize(192 * 1024 ** 2), '192MiB');
  });

  it('formats durations for people', () => {
    assert.deepEqual([40, 999.7, 7760, 125_000, Number.POSITIVE_INFINITY].map(formatDuration), [
      '40 ms',
      '1.00 s',
      '7.76 s',
      '2 min 5 s',
      'unbounded',
    ]);
  });
});
