import * as zlib from 'node:zlib';

type Unzstd = (packed: Buffer, largest: number) => Buffer;

/** Node has it since 22.15. */
const native = (zlib as { zstdDecompressSync?: (packed: Buffer, options: { maxOutputLength: number }) => Buffer })
  .zstdDecompressSync;

let unpack: Unzstd | undefined = native && ((packed, largest) => native(packed, { maxOutputLength: largest }));
let loading: Promise<Unzstd> | undefined;

/** To be awaited before the first `unzstd`; the decoder is a module that is compiled once. */
export async function prepareZstd(): Promise<void> {
  // The library does not bear being loaded twice: the second time replaces its memory at some later moment.
  if (!unpack) loading ??= wasm();
  unpack ??= await loading;
}
export const zstdIsReady = (): boolean => unpack !== undefined;

/** A zstd frame, of known or unknown size. @throws Error */
export function unzstd(packed: Buffer, largest: number): Buffer {
  if (!unpack) throw new Error('the decoder is not loaded');
  return unpack(packed, largest);
}

/** What the library makes of ZSTD_error_dstSize_tooSmall. */
const TOO_SMALL = /code -70$/;
/** What a first try gets: batches of the Java client have 16 KiB to 1 MiB. */
const FIRST_ROOM = 4 * 1024 * 1024;

async function wasm(): Promise<Unzstd> {
  const { init, decompress } = await import('@bokuweb/zstd-wasm');
  await init();
  return (packed, largest) => {
    // Frames of the Java client do not tell their size, and the library then wants to be told how much room to make.
    for (let room = Math.min(FIRST_ROOM, largest); ; room *= 4) {
      try {
        const unpacked = decompress(packed, { defaultHeapSize: Math.min(room, largest) });
        return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
      } catch (error) {
        if (room >= largest || !(error instanceof Error && TOO_SMALL.test(error.message))) throw error;
      }
    }
  };
}
