import avsc from 'avsc';
import type { RecordView } from '../../src/client/kafka/records/record-batch.js';
import { viewOf } from './record-views.js';

/** Longs as bigints, so that avsc writes those beyond 2^53. */
const bigLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});
/** What writes values of a schema. */
export const typeOf = (schema: unknown) =>
  avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0], {
    wrapUnions: true,
    typeHook: (schema) => {
      const name = typeof schema === 'object' && 'type' in schema ? schema.type : schema;
      return name === 'long' ? bigLong : undefined;
    },
  });

/** A record schema with one field `id`. */
export const recordOf = (type: unknown) => ({ type: 'record', name: 'R', fields: [{ name: 'id', type }] });

/** A record whose value names its schema, as Confluent's serializers write it. */
export function framed(id: number, body: Buffer, key: string | null = null): RecordView {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return viewOf({ key, value: Buffer.concat([head, body]) });
}
