/** Writes the primitive types of the Kafka protocol (non-flexible versions: int32 lengths, no tagged fields). */
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
