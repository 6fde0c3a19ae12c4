import { FlinchError, messageOf } from '../../../core/error.js';
import { wireError } from '../protocol/error-codes.js';
import { readInt64 } from '../protocol/wire.js';
import { decompress } from './codecs/codecs.js';
import { crc32c } from './crc32c.js';
import { HeaderCursor, type RecordHeader } from './headers.js';
import type { BatchNumbers, WholeBatch } from './whole-batch.js';

/** Bytes before the first record of a batch of format v2. */
const HEADER = 61;
/** Bytes of a batch that its length field does not count: base offset and the length itself. */
const LENGTH_AT = 8;
const UNCOUNTED = 12;

/** Where a batch comes from, for messages. */
export interface BatchOrigin {
  broker: string;
  topic: string;
  partition: number;
}

export interface BatchHeader {
  /** Position in the fetched buffer: first byte, and the one after the last. */
  start: number;
  end: number;
  baseOffset: number;
  lastOffset: number;
  /** Records in the batch; fewer than its offsets once the log is compacted. */
  count: number;
  /** 0 is none. */
  codec: number;
  producerId: number;
  producerEpoch: number;
  transactional: boolean;
  control: boolean;
}

/**
 * One record, as a window on the fetched bytes. The same object is handed over for each record: copy what is to be
 * kept. Starts are -1 for a null key or value.
 */
export class RecordView {
  partition = 0;
  offset = 0;
  /** Milliseconds since the epoch. */
  timestamp = 0;
  /** Whether a read_committed reader would get this record at the time of the read. */
  committed = true;
  /** Whether it lies below the last stable offset, so that its transaction has ended. */
  stable = true;
  /** -1 for both where the producer was neither idempotent nor transactional. */
  producerId = -1;
  producerEpoch = -1;
  buffer: Buffer = Buffer.alloc(0);
  keyStart = -1;
  keyEnd = -1;
  valueStart = -1;
  valueEnd = -1;
  /** What follows the value up to the record's end: the headers, not yet looked at. */
  headersStart = 0;
  headersEnd = 0;

  key(): Buffer | null {
    return this.keyStart < 0 ? null : this.buffer.subarray(this.keyStart, this.keyEnd);
  }
  value(): Buffer | null {
    return this.valueStart < 0 ? null : this.buffer.subarray(this.valueStart, this.valueEnd);
  }
  /** A copy of its own, to be kept. */
  copy(): RecordView {
    const starts = [this.keyStart, this.valueStart, this.headersStart].filter((at) => at >= 0);
    const from = Math.min(...starts);
    const copy = Object.assign(new RecordView(), this);
    copy.buffer = Buffer.from(this.buffer.subarray(from, this.headersEnd));
    for (const field of ['keyStart', 'keyEnd', 'valueStart', 'valueEnd', 'headersStart', 'headersEnd'] as const) {
      if (copy[field] >= 0) copy[field] -= from;
    }
    return copy;
  }
  /** Every header in its order. @throws FlinchError KAFKA_WIRE when they are damaged. */
  headers(): RecordHeader[] {
    const cursor = new HeaderCursor().begin(this.buffer, this.headersStart, this.headersEnd);
    const headers: RecordHeader[] = [];
    while (cursor.next()) {
      const name = this.buffer.toString('utf8', cursor.keyStart, cursor.keyEnd);
      const value = cursor.valueStart < 0 ? null : this.buffer.subarray(cursor.valueStart, cursor.valueEnd);
      headers.push({ name, value });
    }
    if (cursor.damaged) throw wireError('the headers of a record are damaged', `offset ${this.offset}`);
    return headers;
  }
  /** The value of the last header of that name; undefined when there is none. @throws FlinchError KAFKA_WIRE */
  header(name: string): Buffer | null | undefined {
    return this.headers().findLast((header) => header.name === name)?.value;
  }
}

const place = ({ broker, topic, partition }: BatchOrigin, offset: number) =>
  `topic ${topic}, partition ${partition}, offset ${offset} (${broker})`;

/**
 * The headers of the whole batches in `records`; a partial one at the end is left for the next fetch.
 * @throws FlinchError KAFKA_WIRE on a length that cannot be; KAFKA_UNSUPPORTED on message format v0 or v1.
 */
export function scanBatches(records: Buffer, origin: BatchOrigin): BatchHeader[] {
  const batches: BatchHeader[] = [];
  for (let at = 0; at + HEADER <= records.length; ) {
    const baseOffset = readInt64(records, at);
    const length = records.readInt32BE(at + LENGTH_AT);
    const magic = records.readInt8(at + 16);
    if (magic === 0 || magic === 1) {
      throw new FlinchError('KAFKA_UNSUPPORTED', {
        what: `message format v${magic}`,
        on: place(origin, baseOffset),
        todo: 'raise the message format of the topic to v2 (Kafka 0.11 or newer) and write it again',
      });
    }
    if (magic !== 2 || length < HEADER - UNCOUNTED) {
      throw wireError(`not a record batch (magic ${magic}, length ${length})`, place(origin, baseOffset));
    }
    const end = at + UNCOUNTED + length;
    if (end > records.length) break;
    const attributes = records.readInt16BE(at + 21);
    batches.push({
      start: at,
      end,
      baseOffset,
      lastOffset: baseOffset + records.readInt32BE(at + 23),
      count: records.readInt32BE(at + 57),
      codec: attributes & 0x07,
      producerId: readInt64(records, at + 43),
      producerEpoch: records.readInt16BE(at + 51),
      transactional: (attributes & 0x10) !== 0,
      control: (attributes & 0x20) !== 0,
    });
    at = end;
  }
  return batches;
}

/** The CRC-32C of a batch as it is. */
export const crcOf = (records: Buffer, batch: BatchHeader): number => crc32c(records, batch.start + 21, batch.end);

/**
 * Checks the batch's CRC-32C.
 * @param computed as `crcOf` gives it, where that is known already
 * @throws FlinchError KAFKA_WIRE
 */
export function verifyBatch(
  records: Buffer,
  batch: BatchHeader,
  origin: BatchOrigin,
  computed = crcOf(records, batch),
): void {
  const claimed = records.readUInt32BE(batch.start + 17);
  if (claimed === computed) return;
  const hex = (crc: number) => crc.toString(16).padStart(8, '0');
  throw wireError(
    `a record batch is damaged: its CRC-32C is ${hex(computed)}, it claims ${hex(claimed)}`,
    place(origin, batch.baseOffset),
    'check the disk of the broker; another replica may be whole',
  );
}

/** What a control batch marks; undefined for markers of other kinds (e.g. leader change). */
export function controlType(records: Buffer, batch: BatchHeader): 'abort' | 'commit' | undefined {
  const view = new RecordView();
  let type: number | undefined;
  walk(records, batch.start + HEADER, batch.end, 1, batch.baseOffset, 0, 1, view, () => {
    type = view.keyEnd - view.keyStart >= 4 ? records.readInt16BE(view.keyStart + 2) : undefined;
  });
  return type === 0 ? 'abort' : type === 1 ? 'commit' : undefined;
}

/** What the header says of a batch's records. */
export function batchNumbers(records: Buffer, batch: BatchHeader): BatchNumbers {
  const { count, baseOffset, lastOffset, producerId, producerEpoch } = batch;
  const logAppendTime = (records.readInt16BE(batch.start + 21) & 0x08) !== 0;
  const baseTimestamp = readInt64(records, batch.start + (logAppendTime ? 35 : 27));
  const timestampFactor = logAppendTime ? 0 : 1;
  return { count, baseOffset, lastOffset, baseTimestamp, timestampFactor, producerId, producerEpoch };
}

/** Unpacks a data batch. @throws FlinchError KAFKA_UNSUPPORTED on an unknown codec, KAFKA_WIRE on damaged data. */
export function openBatch(records: Buffer, batch: BatchHeader, origin: BatchOrigin): WholeBatch {
  const numbers = batchNumbers(records, batch);
  const start = batch.start + HEADER;
  if (batch.codec === 0) return { body: records, start, end: batch.end, ...numbers };
  const body = decompress(batch.codec, records.subarray(start, batch.end), place(origin, batch.baseOffset));
  return { body, start: 0, end: body.length, ...numbers };
}

/** Hands over each record through `view`. @throws FlinchError KAFKA_WIRE when the records do not fit the batch. */
export function walkBatch(batch: WholeBatch, origin: BatchOrigin, view: RecordView, onRecord: () => void): void {
  const { body, start, end, count, baseOffset, baseTimestamp, timestampFactor } = batch;
  view.producerId = batch.producerId;
  view.producerEpoch = batch.producerEpoch;
  try {
    walk(body, start, end, count, baseOffset, baseTimestamp, timestampFactor, view, onRecord);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    const where = place(origin, baseOffset);
    throw wireError(`a record batch cannot be decoded: ${messageOf(error)}`, where, undefined, error);
  }
}

/** Both: unpacks a data batch and hands over its records. @throws FlinchError as they do. */
export function readRecords(
  records: Buffer,
  batch: BatchHeader,
  origin: BatchOrigin,
  view: RecordView,
  onRecord: () => void,
): void {
  walkBatch(openBatch(records, batch, origin), origin, view, onRecord);
}

/** The records do not fit their batch. */
class Misfit extends Error {}

/** Walks `count` records that must fill [at, end) exactly. @throws Misfit */
function walk(
  body: Buffer,
  at: number,
  end: number,
  count: number,
  baseOffset: number,
  baseTimestamp: number,
  timestampFactor: 0 | 1,
  view: RecordView,
  emit: () => void,
): void {
  const cursor = new VarintCursor(body, at);
  view.buffer = body;
  for (let i = 0; i < count; i++) {
    const length = cursor.varint();
    const next = cursor.at + length;
    if (length < 0 || next > end) throw new Misfit(`record ${i} of ${count} runs over the end`);
    cursor.at += 1; // attributes, unused
    view.timestamp = baseTimestamp + timestampFactor * cursor.varint();
    view.offset = baseOffset + cursor.varint();
    const keyLength = cursor.varint();
    view.keyStart = keyLength < 0 ? -1 : cursor.at;
    view.keyEnd = keyLength < 0 ? -1 : cursor.at + keyLength;
    if (keyLength > 0) cursor.at += keyLength;
    const valueLength = cursor.varint();
    view.valueStart = valueLength < 0 ? -1 : cursor.at;
    view.valueEnd = valueLength < 0 ? -1 : cursor.at + valueLength;
    if (valueLength > 0) cursor.at += valueLength;
    view.headersStart = cursor.at;
    view.headersEnd = next;
    // The number of headers is at least one byte, so a record ends after its value.
    if (cursor.at >= next) throw new Misfit(`record ${i} of ${count} runs over its length`);
    cursor.at = next;
    emit();
  }
  if (cursor.at !== end) throw new Misfit(`${end - cursor.at} bytes follow the last of ${count} records`);
}

class VarintCursor {
  readonly buffer: Buffer;
  at: number;
  constructor(buffer: Buffer, at: number) {
    this.buffer = buffer;
    this.at = at;
  }
  /** A zig-zag varint or varlong; numbers beyond 32 bits take the slow way. */
  varint(): number {
    const { buffer } = this;
    let byte = buffer[this.at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let raw = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = buffer[this.at++]!;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    return this.#long(raw);
  }
  #long(low: number): number {
    let raw = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) break;
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((raw >> 1n) ^ -(raw & 1n));
    }
    throw new Misfit('a varint does not end');
  }
}
