import type { NoIdentity } from '../extractor.js';
import type { IdentityWriter } from '../identity-writer.js';

/** The bytes are not of their schema. One object for all, because a stack trace for each record would be slow. */
export const DAMAGED = new Error('not of its schema');

/** A position in Avro binary data. Each step throws DAMAGED rather than leave the data. */
export class AvroCursor {
  bytes: Buffer = Buffer.alloc(0);
  at = 0;
  end = 0;
  /** Where the wanted value goes to, from `mark` on, and what became of it. */
  out!: IdentityWriter;
  mark = 0;
  outcome: 'found' | NoIdentity = 'missing';

  skip(length: number): void {
    this.at += length;
    if (this.at > this.end) throw DAMAGED;
  }
  byte(): number {
    if (this.at >= this.end) throw DAMAGED;
    return this.bytes[this.at++]!;
  }
  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw DAMAGED;
    return byte === 1;
  }
  skipLong(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return;
    throw DAMAGED;
  }
  /** A zig-zag varint, exactly; a bigint only where a number is not enough. */
  long(): number | bigint {
    let raw = 0;
    let factor = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      raw += (byte & 0x7f) * factor;
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      factor *= 128;
    }
    let big = BigInt(raw);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      big |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (big >> 64n) throw DAMAGED;
      return (big >> 1n) ^ -(big & 1n);
    }
    throw DAMAGED;
  }
  /** A long that counts something here. */
  count(): number {
    const value = this.long();
    if (typeof value !== 'number') throw DAMAGED;
    return value;
  }
  /** A length in bytes, all of which are there. */
  size(): number {
    const size = this.count();
    if (size < 0 || this.at + size > this.end) throw DAMAGED;
    return size;
  }
}
