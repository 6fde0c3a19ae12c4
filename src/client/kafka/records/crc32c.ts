import { createRequire } from 'node:module';

/** Eight tables of CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), to take eight bytes a step. */
const TABLE = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  TABLE[byte] = crc;
}
for (let at = 256; at < TABLE.length; at++) {
  const crc = TABLE[at - 256] as number;
  TABLE[at] = (crc >>> 8) ^ (TABLE[crc & 0xff] as number);
}

/** Below this many bytes the call into native code costs more than it saves. */
const WORTH_A_CALL = 256;

/** The processor's own instruction, where there is a build of it for this platform: some eight times faster. */
const native: ((bytes: Buffer) => number) | undefined = (() => {
  try {
    return (createRequire(import.meta.url)('@node-rs/crc32') as typeof import('@node-rs/crc32')).crc32c;
  } catch {
    return undefined;
  }
})();

/** CRC-32C of bytes [from, to), as an unsigned 32-bit number. */
export const crc32c = (bytes: Buffer, from = 0, to = bytes.length): number =>
  native && to - from >= WORTH_A_CALL ? native(bytes.subarray(from, to)) : tableCrc32c(bytes, from, to);

/** The same from a table. */
export function tableCrc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  const table = TABLE;
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let crc = -1;
  let at = from;
  for (const last = to - 8; at <= last; at += 8) {
    const low = crc ^ words.getInt32(at, true);
    const high = words.getInt32(at + 4, true);
    crc =
      table[1792 | (low & 0xff)]! ^
      table[1536 | ((low >>> 8) & 0xff)]! ^
      table[1280 | ((low >>> 16) & 0xff)]! ^
      table[1024 | (low >>> 24)]! ^
      table[768 | (high & 0xff)]! ^
      table[512 | ((high >>> 8) & 0xff)]! ^
      table[256 | ((high >>> 16) & 0xff)]! ^
      table[high >>> 24]!;
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return (crc ^ -1) >>> 0;
}
