import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** What the Java client puts before its chunks: 0x82 "SNAPPY" 0, a version and the oldest compatible one. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

/** Snappy as the Java client frames it (in chunks of its own), or one raw block as other clients write it. @throws Error */
export function unsnap(packed: Buffer, largest: number): Buffer {
  const { uncompressSync } = require('snappy') as typeof import('snappy');
  const block = (bytes: Buffer, room: number): Buffer => {
    const size = uncompressedLength(bytes);
    if (size > room) throw new RangeError(`it claims to unpack to ${size} bytes`);
    // As a copy: the memory of its own is long in being freed.
    return uncompressSync(bytes, { asBuffer: true, copyOutputData: true }) as Buffer;
  };
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) return block(packed, largest);
  const chunks: Buffer[] = [];
  let room = largest;
  for (let at = XERIAL_HEADER; at < packed.length; ) {
    const length = at + 4 <= packed.length ? packed.readInt32BE(at) : -1;
    at += 4;
    if (length < 0 || at + length > packed.length) throw new RangeError('a chunk runs over the end');
    const chunk = block(packed.subarray(at, at + length), room);
    room -= chunk.length;
    chunks.push(chunk);
    at += length;
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

/** The size that a raw block says it unpacks to: a varint at its start. */
function uncompressedLength(block: Buffer): number {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return size;
  }
  throw new RangeError('it has no length');
}
