import type { FixedText } from './fixed-text.js';

const DIGIT_0 = 0x30;
const QUADS = 0x30303030;
const NOT_DIGITS = 0xf0f0f0f0 | 0;

/** Reads the fields of a compact JSON object, in the order expected, from the bytes: what producer and Flink write. */
export class FlatFields {
  /** Where the next field begins. */
  at = 0;
  /** The number that was read last. */
  value = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #end = 0;
  /** Records come by the thousand from one buffer. */
  #bytes: Uint8Array | undefined;

  begin(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.at = start;
    this.#end = end;
  }

  /** Moves behind the first `length` bytes of the text; false when they do not stand here. */
  text(text: FixedText, length = text.length): boolean {
    if (this.at + length > this.#end || !text.stands(this.#view, this.at, length)) return false;
    this.at += length;
    return true;
  }

  /** Moves behind `prefix` and a whole number of at most 15 digits, and keeps the number; false when it is otherwise. */
  number(prefix: FixedText): boolean {
    const view = this.#view;
    const end = this.#end;
    const digits = this.at + prefix.length;
    if (digits >= end || !prefix.stands(view, this.at)) return false;
    let at = digits;
    let value = 0;
    for (; at + 4 <= end; at += 4) {
      const quad = view.getInt32(at, true) ^ QUADS;
      // Each byte is 0 to 9: neither it, nor it plus 6, reaches into its upper half.
      if (((quad | (quad + 0x06060606)) & NOT_DIGITS) !== 0) break;
      const upper = (quad & 0xff) * 1000 + ((quad >>> 8) & 0xff) * 100;
      value = value * 10_000 + upper + ((quad >>> 16) & 0xff) * 10 + (quad >>> 24);
    }
    for (; at < end; at++) {
      const byte = view.getUint8(at);
      if (byte < DIGIT_0 || byte > DIGIT_0 + 9) break;
      value = value * 10 + byte - DIGIT_0;
    }
    // 15 digits are always exact; leading zeros are not JSON.
    const length = at - digits;
    if (length === 0 || length > 15 || (length > 1 && view.getUint8(digits) === DIGIT_0)) return false;
    this.value = value;
    this.at = at;
    return true;
  }
}
