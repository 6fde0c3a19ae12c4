import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** An LZ4 frame. @throws Error */
export function unlz4(packed: Buffer): Buffer {
  const { decompressFrameSync } = require('lz4-napi') as typeof import('lz4-napi');
  return decompressFrameSync(packed);
}
