import { FlinchError, messageOf } from '../../../../core/error.js';
import { wireError } from '../../protocol/error-codes.js';
import { ungzip } from './gzip.js';
import { unlz4 } from './lz4.js';
import { unsnap } from './snappy.js';
import { prepareZstd, unzstd, zstdIsReady } from './zstd.js';

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const ZSTD = 4;

/** A batch that unpacks to more is taken for damaged. */
const LARGEST_BATCH = 512 * 1024 * 1024;

const DECODERS: Partial<Record<string, (packed: Buffer, largest: number) => Buffer>> = {
  gzip: ungzip,
  snappy: unsnap,
  lz4: unlz4,
  zstd: unzstd,
};

/** Loads what the codecs of these batches need; undefined when there is nothing to wait for. */
export function prepareCodecs(batches: readonly { codec: number }[]): Promise<void> | undefined {
  return !zstdIsReady() && batches.some(({ codec }) => codec === ZSTD) ? prepareZstd() : undefined;
}

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
    return decode(packed, LARGEST_BATCH);
  } catch (error) {
    throw wireError(`${name} data cannot be unpacked: ${messageOf(error)}`, where, undefined, error);
  }
}
