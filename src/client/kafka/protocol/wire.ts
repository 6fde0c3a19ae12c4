/**
 * Writes the primitive types of the Kafka protocol. The compact ones and the tagged fields are for flexible versions:
 * their lengths are unsigned varints of one more than the length, 0 standing for null.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(256);
  #at = 0;

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
  int8(value: number): this {
    this.#room(1);
    this.#at = this.#buffer.writeInt8(value, this.#at);
    return this;
  }
  int16(value: number): this {
    this.#room(2);
    this.#at = this.#buffer.writeInt16BE(value, this.#at);
    return this;
  }
  int32(value: number): this {
    this.#room(4);
    this.#at = this.#buffer.writeInt32BE(value, this.#at);
    return this;
  }
  int64(value: number): this {
    this.#room(8);
    this.#at = this.#buffer.writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.byteLength(value);
    this.int16(bytes).#room(bytes);
    this.#at += this.#buffer.write(value, this.#at, 'utf8');
    return this;
  }
  bytes(value: Buffer | null): this {
    if (value === null) return this.int32(-1);
    this.int32(value.length).#room(value.length);
    this.#at += value.copy(this.#buffer, this.#at);
    return this;
  }
  array<T>(items: readonly T[], write: (writer: WireWriter, item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(this, item);
    return this;
  }
  /** An unsigned varint of at most 32 bits. */
  uvarint(value: number): this {
    this.#room(5);
    let rest = value >>> 0;
    for (; rest > 0x7f; rest >>>= 7) this.#at = this.#buffer.writeUInt8((rest & 0x7f) | 0x80, this.#at);
    this.#at = this.#buffer.writeUInt8(rest, this.#at);
    return this;
  }
  compactString(value: string | null): this {
    if (value === null) return this.uvarint(0);
    const bytes = Buffer.byteLength(value);
    this.uvarint(bytes + 1).#room(bytes);
    this.#at += this.#buffer.write(value, this.#at, 'utf8');
    return this;
  }
  compactBytes(value: Buffer | null): this {
    if (value === null) return this.uvarint(0);
    this.uvarint(value.length + 1).#room(value.length);
    this.#at += value.copy(this.#buffer, this.#at);
    return this;
  }
  compactArray<T>(items: readonly T[], write: (writer: WireWriter, item: T) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(this, item);
    return this;
  }
  /** The end of each structure of a flexible version: no tagged fields. */
  tags(): this {
    return this.uvarint(0);
  }
  /** What was written so far; not a copy. */
  done(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }
}

/** Reads the same types. @throws RangeError past the end; the connection turns it into KAFKA_WIRE. */
export class WireReader {
  readonly buffer: Buffer;
  at: number;

  constructor(buffer: Buffer, at = 0) {
    this.buffer = buffer;
    this.at = at;
  }
  int8(): number {
    const value = this.buffer.readInt8(this.at);
    this.at += 1;
    return value;
  }
  int16(): number {
    const value = this.buffer.readInt16BE(this.at);
    this.at += 2;
    return value;
  }
  int32(): number {
    const value = this.buffer.readInt32BE(this.at);
    this.at += 4;
    return value;
  }
  int64(): number {
    const value = readInt64(this.buffer, this.at);
    this.at += 8;
    return value;
  }
  string(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.#take(length).toString('utf8');
  }
  /** A view, not a copy; null and empty are the same to our callers. */
  bytes(): Buffer {
    return this.#take(Math.max(0, this.int32()));
  }
  array<T>(read: (reader: WireReader) => T): T[] {
    const count = this.int32();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.at++);
      // Not by shifting: the fifth byte reaches the sign bit.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a varint is longer than 5 bytes');
  }
  compactString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.#take(length).toString('utf8');
  }
  /** A view, not a copy; null and empty are the same to our callers. */
  compactBytes(): Buffer {
    return this.#take(Math.max(0, this.uvarint() - 1));
  }
  compactArray<T>(read: (reader: WireReader) => T): T[] {
    const count = this.uvarint() - 1;
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(this));
    return items;
  }
  /** Skips the tagged fields at the end of a structure: newer brokers may add some that we do not know. */
  tags(): this {
    for (let left = this.uvarint(); left > 0; left--) {
      this.uvarint(); // tag
      this.#take(this.uvarint());
    }
    return this;
  }
  #take(length: number): Buffer {
    if (this.at + length > this.buffer.length) throw new RangeError('the message ends inside a field');
    const view = this.buffer.subarray(this.at, this.at + length);
    this.at += length;
    return view;
  }
}

/** An int64 as a number: offsets, times and producer ids stay below 2^53. @throws RangeError past the end. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 4294967296 + buffer.readUInt32BE(at + 4);
}
