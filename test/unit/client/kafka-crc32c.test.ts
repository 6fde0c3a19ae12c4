import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { crc32c, tableCrc32c } from '../../../src/client/kafka/records/crc32c.js';

describe('crc-32c', () => {
  it('gives the published check value, natively and from the table', () => {
    const check = Buffer.from('123456789');
    assert.equal(tableCrc32c(check), 0xe3069283);
    assert.equal(crc32c(check), 0xe3069283);
  });

  it('is the same both ways, whatever the length and the place', () => {
    const bytes = randomBytes(5000);
    for (const [from, to] of [
      [0, 5000],
      [3, 260],
      [7, 263],
      [1, 4099],
      [9, 9],
    ] as const)
      assert.equal(crc32c(bytes, from, to), tableCrc32c(bytes, from, to), `${from} to ${to}`);
  });
});
