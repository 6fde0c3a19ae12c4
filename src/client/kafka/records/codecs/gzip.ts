import { gunzipSync } from 'node:zlib';

/** As large as deflate can make a byte. */
const LARGEST_RATIO = 1032;
const SMALLEST_CHUNK = 16 * 1024;

/** One gzip stream. @throws Error */
export function ungzip(packed: Buffer, largest: number): Buffer {
  // The trailer claims how much it was, modulo 2^32: in one chunk of that size it takes two thirds of the time.
  const claimed = packed.length < 4 ? 0 : packed.readUInt32LE(packed.length - 4);
  const most = Math.min(largest, packed.length * LARGEST_RATIO);
  const chunkSize = claimed < most ? Math.max(claimed + 1, SMALLEST_CHUNK) : SMALLEST_CHUNK;
  return gunzipSync(packed, { maxOutputLength: largest, chunkSize });
}
