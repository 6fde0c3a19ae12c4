import { isUtf8 } from 'node:buffer';
import { PLAIN_DIGITS, parseDecimal, writeDecimal } from './decimal.js';
import type { Identity } from './extractor.js';
import { copyUuid, spellUuid, UUID_RAW, UUID_TEXT } from './uuid.js';

/** `typed`: the number 7 and the text "7" differ. `text`: they are one. `uuid`: one UUID however it is spelt. */
export const FORMS = ['typed', 'text', 'uuid'] as const;
export type Form = (typeof FORMS)[number];

/**
 * What an identity begins with, when it is not a number (a digit or a minus) nor true or false (as words): a quote
 * before text and bytes, without one behind them; a bracket before a compound. Text and bytes are one kind: the key
 * `a1` is the JSON text "a1". A UUID is text, in small letters with dashes.
 */
export const TAG = { octets: 0x22, compound: 0x5b } as const;

const NUMBER_AS_UUID = 'its identity is not a UUID but a number';
export const NOT_UTF8 = 'the text of its identity is not UTF-8';
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
type Written = 'found' | 'missing' | 'unreadable';

/**
 * Where an identity is put down in its one normal form: in reusable bytes, or, where the record has it in this very
 * form, as a window on the record.
 */
export class IdentityWriter implements Identity {
  bytes: Buffer;
  start = 0;
  end = 0;
  form: Form = 'typed';
  /** Why the last one was not found. */
  reason = '';
  #own = Buffer.allocUnsafe(256);
  #alone = true;

  constructor() {
    this.bytes = this.#own;
  }
  /** Begins the next identity. @param alone it is all there is; nothing is appended to it */
  begin(alone: boolean): void {
    this.bytes = this.#own;
    this.start = 0;
    this.end = 0;
    this.#alone = alone;
  }
  /** Makes room for `length` more bytes. */
  room(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.bytes.length, this.end + length));
    this.bytes.copy(grown, 0, 0, this.end);
    this.bytes = grown;
    this.#own = grown;
  }
  missing(reason: string): 'missing' {
    this.reason = reason;
    return 'missing';
  }
  unreadable(reason: string): 'unreadable' {
    this.reason = reason;
    return 'unreadable';
  }

  /** Bytes of any kind; sixteen of them may be a UUID as such. */
  octets(from: Uint8Array, start: number, end: number): Written {
    if (this.form !== 'uuid') return this.#tagged(from, start, end);
    return end - start === UUID_RAW ? this.uuidBytes(from, start) : this.uuidText(from, start, end);
  }
  /** Text of well-formed UTF-8, from its opening quote on. */
  quoted(from: Buffer, start: number, end: number): Written {
    return this.form === 'uuid' ? this.uuidText(from, start + 1, end) : this.#asItIs(from, start, end);
  }
  /** UTF-8, to be checked. */
  text(from: Uint8Array, start: number, end: number): Written {
    if (this.form === 'uuid') return this.uuidText(from, start, end);
    for (let i = start; i < end; i++) {
      if (from[i]! < 0x80) continue;
      if (isUtf8(from.subarray(start, end))) break;
      return this.unreadable(NOT_UTF8);
    }
    return this.#tagged(from, start, end);
  }
  /** A string of JavaScript. */
  string(text: string): Written {
    if (this.form !== 'uuid' && this.#ascii(text, true)) return 'found';
    // Half a pair has no UTF-8: two different ones would become the same replacement character.
    if (/[\ud800-\udfff]/u.test(text)) return this.unreadable('the text of its identity has half a surrogate pair');
    const bytes = Buffer.from(text);
    return this.text(bytes, 0, bytes.length);
  }
  uuidText(from: Uint8Array, start: number, end: number): Written {
    this.room(1 + UUID_TEXT);
    if (!copyUuid(from, start, end, this.bytes, this.end + 1)) return this.unreadable('its identity is not a UUID');
    return this.#spelt();
  }
  uuidBytes(from: Uint8Array, start: number): Written {
    this.room(1 + UUID_TEXT);
    spellUuid(from, start, this.bytes, this.end + 1);
    return this.#spelt();
  }
  /** A number as JSON writes it. */
  number(from: Buffer, start: number, end: number): Written {
    let plain = end - start <= PLAIN_DIGITS && !(from[start] === 0x2d && from[start + 1] === 0x30);
    for (let i = start; plain && i < end; i++) {
      const byte = from[i]!;
      plain = (byte >= 0x30 && byte <= 0x39) || byte === 0x2d;
    }
    if (!plain || this.form !== 'typed') return this.decimal(from.toString('latin1', start, end));
    return this.#asItIs(from, start, end);
  }
  /** A number as people or programs write it. */
  decimal(text: string): Written {
    const value = parseDecimal(text);
    return value ? this.#digits(writeDecimal(value)) : this.unreadable('its identity is not a finite number');
  }
  /** A whole number of any size. */
  integer(value: number | bigint): Written {
    const text = String(value);
    return text.length <= PLAIN_DIGITS ? this.#digits(text) : this.decimal(text);
  }
  boolean(value: boolean): Written {
    if (this.form === 'uuid') return this.unreadable('its identity is not a UUID but true or false');
    const word = value ? TRUE : FALSE;
    return this.form === 'text' ? this.#tagged(word, 0, word.length) : this.#asItIs(word, 0, word.length);
  }

  #digits(text: string): Written {
    if (this.form === 'uuid') return this.unreadable(NUMBER_AS_UUID);
    this.#ascii(text, this.form === 'text');
    return 'found';
  }
  /** @returns false, with nothing written, when the text is not ASCII. */
  #ascii(text: string, tagged: boolean): boolean {
    const { length } = text;
    this.room(1 + length);
    const { bytes } = this;
    let at = this.end;
    if (tagged) bytes[at++] = TAG.octets;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.end = at;
    return true;
  }
  #asItIs(from: Buffer, start: number, end: number): 'found' {
    if (!this.#alone) return this.#copy(from, start, end);
    this.bytes = from;
    this.start = start;
    this.end = end;
    return 'found';
  }
  #tagged(from: Uint8Array, start: number, end: number): 'found' {
    this.room(1);
    this.bytes[this.end++] = TAG.octets;
    return this.#copy(from, start, end);
  }
  #copy(from: Uint8Array, start: number, end: number): 'found' {
    this.room(end - start);
    const { bytes } = this;
    let at = this.end;
    // For the usual lengths a loop is faster than a call.
    if (end - start < 64) for (let i = start; i < end; i++) bytes[at++] = from[i]!;
    else bytes.set(from.subarray(start, end), at);
    this.end += end - start;
    return 'found';
  }
  #spelt(): 'found' {
    this.bytes[this.end] = TAG.octets;
    this.end += 1 + UUID_TEXT;
    return 'found';
  }
}
