import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeConnectionInfo } from '../../../src/client/zookeeper/connection-info.js';
import { FlinchError } from '../../../src/core/error.js';
import { trials } from '../../support/effort.js';
import { connectionInfo } from '../../support/lying-zookeeper.js';

const ADDRESS = 'http://10.77.0.32:8081';
const SESSION = 'c7c68797-8085-43b2-abe0-82bca7223d10';
/** As read from a Flink 1.20.3 cluster. */
const REAL = Buffer.concat([
  Buffer.from('aced000577180016', 'hex'),
  Buffer.from(ADDRESS),
  Buffer.from('7372000e6a6176612e7574696c2e55554944bc9903f7986d852f0200024a000c', 'hex'),
  Buffer.from('leastSigBits'),
  Buffer.from('4a000b', 'hex'),
  Buffer.from('mostSigBits'),
  Buffer.from('7870abe082bca7223d10c7c68797808543b2', 'hex'),
]);

const refused = (error: unknown) => error instanceof FlinchError && error.code === 'ZOOKEEPER';

describe('connection_info', () => {
  it('is decoded from the bytes that Flink wrote', () => {
    assert.equal(REAL.length, 106);
    assert.deepEqual(decodeConnectionInfo(REAL), { address: ADDRESS, session: SESSION });
    assert.deepEqual(connectionInfo(ADDRESS, SESSION), REAL);
  });

  it('is decoded with an address longer than a short block', () => {
    const address = `http://${'a'.repeat(300)}:8081`;
    assert.equal(decodeConnectionInfo(connectionInfo(address, SESSION))?.address, address);
  });

  it('is no leader when it is empty', () => {
    assert.equal(decodeConnectionInfo(Buffer.alloc(0)), undefined);
  });

  it('is refused when it is cut at any place, or longer', () => {
    for (let length = 1; length < REAL.length; length += 1) {
      assert.throws(() => decodeConnectionInfo(REAL.subarray(0, length)), refused, `${length} bytes`);
    }
    assert.throws(() => decodeConnectionInfo(Buffer.concat([REAL, Buffer.alloc(1)])), refused);
  });

  it('is refused when any byte of its frame is another', () => {
    for (let at = 0; at < REAL.length - 16; at += 1) {
      if (at >= 8 && at < 8 + ADDRESS.length) continue;
      const bytes = Buffer.from(REAL);
      bytes.writeUInt8((bytes.readUInt8(at) + 1) % 256, at);
      assert.throws(() => decodeConnectionInfo(bytes), refused, `byte ${at}`);
    }
  });

  it('is refused when the address has a control character', () => {
    assert.throws(() => decodeConnectionInfo(connectionInfo('http://a\u0000b:1', SESSION)), refused);
  });

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        assert.throws(() => decodeConnectionInfo(Buffer.from(bytes)), refused);
      }),
      { numRuns: trials(50) },
    );
  });
});
