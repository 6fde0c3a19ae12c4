import assert from 'node:assert/strict';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { decompress, prepareCodecs } from '../../../src/client/kafka/records/codecs/codecs.js';
import { trials } from '../../support/effort.js';
import { hasCode } from '../../support/has-code.js';

const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

/** What the Java client makes of it: chunks of 32 KiB behind a header. */
function xerial(plain: Buffer, chunk = 32 * 1024): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])];
  for (let at = 0; at < plain.length; at += chunk) {
    const packed = compressSync(plain.subarray(at, at + chunk));
    const length = Buffer.alloc(4);
    length.writeInt32BE(packed.length);
    parts.push(length, packed);
  }
  return Buffer.concat(parts);
}

describe('kafka codecs', () => {
  const zstd = { compress: (_: Uint8Array): Uint8Array => assert.fail('not loaded') };
  before(async () => {
    await prepareCodecs([{ codec: ZSTD }]);
    const module = await import('@bokuweb/zstd-wasm');
    // Where Node has a decoder of its own the module is not loaded yet; loading it twice breaks it, a moment later.
    if ('zstdDecompressSync' in zlib) await module.init();
    zstd.compress = (plain) => module.compress(Buffer.from(plain), 3);
  });

  const ways: [name: string, codec: number, pack: (plain: Buffer) => Buffer][] = [
    ['gzip', GZIP, (plain) => zlib.gzipSync(plain)],
    ['snappy, in the chunks of the Java client', SNAPPY, (plain) => xerial(plain)],
    ['snappy, as one block', SNAPPY, (plain) => compressSync(plain)],
    ['lz4', LZ4, (plain) => compressFrameSync(plain)],
    ['zstd', ZSTD, (plain) => Buffer.from(zstd.compress(plain))],
  ];
  for (const [name, codec, pack] of ways) {
    it(`unpacks ${name}, small and large, and tells damaged data`, () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 1, maxLength: 400 }),
          fc.integer({ min: 1, max: 400 }),
          (bytes, times) => {
            const plain = Buffer.concat(Array.from({ length: times }, () => bytes));
            assert.ok(decompress(codec, pack(plain), 'here').equals(plain));
          },
        ),
        { numRuns: trials(10) },
      );
      const packed = pack(Buffer.alloc(100_000, 'abcdefg'));
      assert.throws(
        () => decompress(codec, Buffer.alloc(40, 0xee), 'topic t, offset 7'),
        hasCode('KAFKA_WIRE', /topic t, offset 7/),
      );
      // Cut short it may unpack to a part, which then does not hold the records that the batch claims.
      let part: Buffer | undefined;
      try {
        part = decompress(codec, packed.subarray(0, packed.length - 9), 'topic t, offset 7');
      } catch (error) {
        assert.ok(hasCode('KAFKA_WIRE', /topic t, offset 7/)(error));
      }
      assert.ok((part?.length ?? 0) < 100_000);
    });
  }

  it('unpacks zstd that is larger than the first try and does not tell its size', () => {
    // A frame as the Java client streams it: magic, a window of 1 MiB and no size, then blocks of repeated bytes.
    const blocks = Array.from({ length: 50 }, (_, i) => {
      const header = ((128 * 1024) << 3) | (1 << 1) | (i === 49 ? 1 : 0);
      return Buffer.from([header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0x61]);
    });
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), ...blocks]);
    const plain = decompress(ZSTD, frame, 'here');
    assert.equal(plain.length, 50 * 128 * 1024);
    assert.ok(plain.equals(Buffer.alloc(plain.length, 0x61)));
  });

  it('does not believe a size that cannot be', () => {
    const absurd = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]);
    assert.throws(
      () => decompress(SNAPPY, absurd, 'here'),
      hasCode('KAFKA_WIRE', /claims to unpack to 4294967295 bytes/),
    );
  });
});
