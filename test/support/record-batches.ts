import { gzipSync } from 'node:zlib';
import { crc32c } from '../../src/client/kafka/records/crc32c.js';

export interface SourceRecord {
  key?: string | Buffer | null;
  value?: string | Buffer | null;
  /** Names and values; a number makes up that many. */
  headers?: number | (readonly [name: string, value: string | Buffer | null])[];
}

export interface SourceBatch {
  baseOffset: number;
  records: SourceRecord[];
  /** Offsets of the records relative to the base; 0, 1, 2, ... unless told (compaction leaves gaps). */
  deltas?: number[];
  lastDelta?: number;
  producerId?: number;
  transactional?: boolean;
  control?: 'abort' | 'commit';
  codec?: number;
  /** How the records are packed; gzip is done here for codec 1. */
  pack?: (plain: Buffer) => Buffer;
  timestamp?: number;
  logAppendTime?: boolean;
}

function varint(value: number): Buffer {
  let raw = value >= 0 ? BigInt(value) * 2n : BigInt(-value) * 2n - 1n;
  const bytes: number[] = [];
  for (; raw > 0x7fn; raw >>= 7n) bytes.push(Number(raw & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(raw)]);
}

const field = (value: string | Buffer | null | undefined) =>
  value === null || value === undefined
    ? varint(-1)
    : Buffer.concat([varint(Buffer.byteLength(value)), Buffer.from(value as string)]);

const headersOf = ({ headers = 0 }: SourceRecord) =>
  typeof headers === 'number'
    ? Array.from({ length: headers }, (_, h) => [`h${h}`, h % 2 ? null : 'v'] as const)
    : headers;

/** A record batch of format v2, written independently of the reader. */
export function encodeBatch(batch: SourceBatch): Buffer {
  const { baseOffset, producerId = -1, control, codec = 0, timestamp = 1_700_000_000_000 } = batch;
  const records: SourceRecord[] = control
    ? [{ key: Buffer.from([0, 0, 0, control === 'commit' ? 1 : 0]), value: Buffer.alloc(6) }]
    : batch.records;
  const encoded = records.map((record, i) => {
    const headers = headersOf(record).map(([name, value]) => [field(name), field(value)]);
    const body = Buffer.concat([
      Buffer.from([0]),
      varint(i),
      varint(batch.deltas?.[i] ?? i),
      field(record.key),
      field(record.value),
      varint(headers.length),
      ...headers.flat(),
    ]);
    return Buffer.concat([varint(body.length), body]);
  });
  const plain = Buffer.concat(encoded);
  const body = batch.pack ? batch.pack(plain) : codec === 1 ? gzipSync(plain) : plain;
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(baseOffset), 0);
  head.writeInt32BE(61 - 12 + body.length, 8);
  head.writeInt32BE(0, 12);
  head.writeInt8(2, 16);
  const flags = (batch.transactional || control ? 0x10 : 0) | (control ? 0x20 : 0) | (batch.logAppendTime ? 0x08 : 0);
  head.writeInt16BE(codec | flags, 21);
  head.writeInt32BE(batch.lastDelta ?? Math.max(0, records.length - 1), 23);
  head.writeBigInt64BE(BigInt(timestamp), 27);
  head.writeBigInt64BE(BigInt(timestamp + records.length), 35);
  head.writeBigInt64BE(BigInt(producerId), 43);
  head.writeInt32BE(records.length, 57);
  const whole = Buffer.concat([head, body]);
  whole.writeUInt32BE(crc32c(whole, 21), 17);
  return whole;
}
