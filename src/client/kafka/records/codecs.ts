import { gunzipSync } from 'node:zlib';
import { FlinchError, messageOf } from '../../../core/error.js';
import { wireError } from '../protocol/error-codes.js';

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** A batch that unpacks to more is taken for damaged. */
const LARGEST_BATCH = 512 * 1024 * 1024;

const DECODERS: Partial<Record<string, (packed: Buffer) => Buffer>> = {
  gzip: (packed) => gunzipSync(packed, { maxOutputLength: LARGEST_BATCH }),
};

/**
 * Unpacks the records of a batch.
 * @param codec bits 0 to 2 of the batch's attributes
 * @param where topic, partition and offset, for the message
 * @throws FlinchError KAFKA_UNSUPPORTED on a codec without a decoder, KAFKA_WIRE on damaged data.
 */
export function decompress(codec: number, packed: Buffer, where: string): Buffer {
  const name = NAMES[codec] ?? `codec ${codec}`;
  const decode = DECODERS[name];
  if (!decode) {
    throw new FlinchError('KAFKA_UNSUPPORTED', {
      what: `records compressed with ${name}`,
      on: where,
      todo: `let the producer write with ${['none', ...Object.keys(DECODERS)].join(' or ')}`,
    });
  }
  try {
    return decode(packed);
  } catch (error) {
    throw wireError(`${name} data cannot be unpacked: ${messageOf(error)}`, where, undefined, error);
  }
}
