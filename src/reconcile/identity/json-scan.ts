/*
 * Steps over JSON in bytes, accepting exactly what JSON.parse accepts. Positions are indices into the bytes; -1 says
 * that it is not JSON.
 */

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** No byte above is white space: where there is none, the usual case, one look at a byte saves a call. */
export const SPACE = 0x20;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;

/** What a byte is inside a string. */
const [SPECIAL, ASCII, HIGH] = [0, 1, 2];
const KIND = new Uint8Array(256).fill(ASCII, 0x20).fill(HIGH, 0x80);
KIND[QUOTE] = SPECIAL;
KIND[BACKSLASH] = SPECIAL;
const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const UNICODE_ESCAPE = 0x75;

export const ESCAPED = 1;
export const NOT_ASCII = 2;
let traits = 0;
/** Whether the string that was stepped over last was ESCAPED or NOT_ASCII, as bits: seen in passing, so for nothing. */
export const stringTraits = (): number => traits;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

export function skipSpace(b: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end) {
    const byte = b[p]!;
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
    p++;
  }
  return p;
}

/** From the opening quote to behind the closing one. */
export function skipString(b: Uint8Array, at: number, end: number): number {
  traits = 0;
  if (at >= end || b[at] !== QUOTE) return -1;
  let p = at + 1;
  for (;;) {
    while (p < end && KIND[b[p]!] === ASCII) p++;
    if (p >= end) return -1;
    const byte = b[p]!;
    if (byte === QUOTE) return p + 1;
    if (byte >= 0x80) {
      traits |= NOT_ASCII;
      while (p < end && b[p]! >= 0x80) p++;
    } else {
      p = byte === BACKSLASH ? skipEscape(b, p, end) : -1;
      if (p < 0) return -1;
      traits |= ESCAPED;
    }
  }
}

function skipEscape(b: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end) return -1;
  const sign = b[at + 1]!;
  if (sign !== UNICODE_ESCAPE) return ESCAPES.has(sign) ? at + 2 : -1;
  if (at + 6 > end) return -1;
  for (let i = at + 2; i < at + 6; i++) if (!isHex(b[i]!)) return -1;
  return at + 6;
}

/** From a key's opening quote, over the colon, to the value. */
function skipKey(b: Uint8Array, at: number, end: number): number {
  let p = skipString(b, at, end);
  if (p < 0) return -1;
  if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
  if (p >= end || b[p] !== COLON) return -1;
  p++;
  return p < end && b[p]! <= SPACE ? skipSpace(b, p, end) : p;
}

function skipDigits(b: Uint8Array, at: number, end: number): number {
  let p = at;
  while (p < end && isDigit(b[p]!)) p++;
  return p === at ? -1 : p;
}

function skipNumber(b: Uint8Array, at: number, end: number): number {
  let p = b[at] === 0x2d ? at + 1 : at;
  p = p < end && b[p] === 0x30 ? p + 1 : skipDigits(b, p, end);
  if (p < 0 || p >= end || b[p]! <= COMMA) return p;
  if (b[p] === 0x2e) p = skipDigits(b, p + 1, end);
  if (p >= 0 && p < end && (b[p]! | 0x20) === 0x65) {
    p++;
    if (p < end && (b[p] === 0x2b || b[p] === 0x2d)) p++;
    p = skipDigits(b, p, end);
  }
  return p;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

function skipWord(b: Uint8Array, at: number, end: number): number {
  const word = b[at] === 0x74 ? TRUE : b[at] === 0x66 ? FALSE : b[at] === 0x6e ? NULL : undefined;
  if (!word || at + word.length > end) return -1;
  for (let i = 0; i < word.length; i++) if (b[at + i] !== word[i]) return -1;
  return at + word.length;
}

/** For each open container, whether it is an object. */
let open = new Uint8Array(256);

/** From the first byte of a value to behind its last. Any depth, without recursion. */
export function skipValue(b: Uint8Array, at: number, end: number): number {
  let p = at;
  let depth = 0;
  for (;;) {
    if (p < 0 || p >= end) return -1;
    const byte = b[p]!;
    let whole = true;
    if (byte === QUOTE) p = skipString(b, p, end);
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      const object = byte === OPEN_OBJECT;
      p = skipSpace(b, p + 1, end);
      if (p < end && b[p] === (object ? CLOSE_OBJECT : CLOSE_LIST)) p++;
      else {
        if (depth === open.length) open = grown(open);
        open[depth++] = object ? 1 : 0;
        if (object) p = skipKey(b, p, end);
        whole = false;
      }
    } else if (byte === 0x2d || isDigit(byte)) p = skipNumber(b, p, end);
    else p = skipWord(b, p, end);
    // A value has ended, and with it perhaps what it is in.
    while (whole) {
      if (p < 0 || depth === 0) return p;
      if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
      if (p >= end) return -1;
      const object = open[depth - 1] === 1;
      if (b[p] === COMMA) {
        p++;
        if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
        if (object) p = skipKey(b, p, end);
        whole = false;
      } else if (b[p] === (object ? CLOSE_OBJECT : CLOSE_LIST)) {
        depth--;
        p++;
      } else return -1;
    }
  }
}

function grown(small: Uint8Array): Uint8Array<ArrayBuffer> {
  const large = new Uint8Array(4 * small.length);
  large.set(small);
  return large;
}
