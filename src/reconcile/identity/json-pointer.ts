import {
  CLOSE_LIST,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPED,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
  SPACE,
  skipSpace,
  skipString,
  skipValue,
  stringTraits,
} from './json-scan.js';

/** One step of a JSON pointer. */
interface Step {
  name: string;
  bytes: Buffer;
  /** Equal bytes in the text are this name; not so when it has a backslash, which there begins an escape. */
  plain: boolean;
  /** Its place in a list; -1 when it cannot be one. */
  index: number;
}

/** The steps of an RFC 6901 pointer. @returns what is wrong with it, as the end of a sentence, when it is none. */
export function parsePointer(pointer: string): string[] | string {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) return 'does not begin with a slash';
  if (/~(?![01])/.test(pointer)) return 'has a ~ that is neither ~0 (for ~) nor ~1 (for /)';
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Finds what a JSON pointer points at, in bytes, without building the value. It walks the whole text, so that it
 * refuses what JSON.parse refuses, and of equal keys takes the last one as JSON.parse does.
 */
export class PointerScan {
  /** Where the value stands; `start` is -1 when there is none. */
  start = -1;
  end = -1;
  /** Of a string; see `stringTraits`. */
  traits = 0;
  readonly #steps: Step[];

  constructor(steps: readonly string[]) {
    this.#steps = steps.map((name) => ({
      name,
      bytes: Buffer.from(name),
      plain: !name.includes('\\'),
      index: /^(0|[1-9]\d{0,14})$/.test(name) ? Number(name) : -1,
    }));
  }

  /** @returns whether [from, to) is JSON. */
  scan(b: Buffer, from: number, to: number): boolean {
    this.start = -1;
    const behind = this.#value(b, skipSpace(b, from, to), to, 0);
    return behind >= 0 && skipSpace(b, behind, to) === to;
  }

  /** Walks a value on the way; as deep as the pointer has steps. */
  #value(b: Buffer, at: number, end: number, level: number): number {
    const step = this.#steps[level];
    if (step === undefined) {
      this.start = at;
      this.end = at < end && b[at] === QUOTE ? skipString(b, at, end) : skipValue(b, at, end);
      // Meant for strings only, which are stepped over last when they are what is pointed at.
      this.traits = stringTraits();
      return this.end;
    }
    if (at < end && b[at] === OPEN_OBJECT) return this.#object(b, at, end, level, step);
    if (at < end && b[at] === OPEN_LIST) return this.#list(b, at, end, level, step.index);
    return skipValue(b, at, end);
  }

  #object(b: Buffer, at: number, end: number, level: number, step: Step): number {
    let p = skipSpace(b, at + 1, end);
    if (p < end && b[p] === CLOSE_OBJECT) return p + 1;
    for (;;) {
      const key = p;
      const keyEnd = skipString(b, p, end);
      if (keyEnd < 0) return -1;
      const found = sameKey(b, key + 1, keyEnd - 1, step);
      p = keyEnd;
      if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
      if (p >= end || b[p] !== COLON) return -1;
      p++;
      if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
      if (found) {
        this.start = -1;
        p = this.#value(b, p, end, level + 1);
      } else if (p < end && b[p] === QUOTE) p = skipString(b, p, end);
      else p = skipValue(b, p, end);
      if (p < 0) return -1;
      if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
      if (p >= end) return -1;
      const byte = b[p++];
      if (byte === CLOSE_OBJECT) return p;
      if (byte !== COMMA) return -1;
      if (p < end && b[p]! <= SPACE) p = skipSpace(b, p, end);
    }
  }

  #list(b: Buffer, at: number, end: number, level: number, index: number): number {
    let p = skipSpace(b, at + 1, end);
    if (p < end && b[p] === CLOSE_LIST) return p + 1;
    for (let i = 0; ; i++) {
      p = i === index ? this.#value(b, p, end, level + 1) : skipValue(b, p, end);
      if (p < 0) return -1;
      p = skipSpace(b, p, end);
      if (p >= end) return -1;
      if (b[p] === CLOSE_LIST) return p + 1;
      if (b[p] !== COMMA) return -1;
      p = skipSpace(b, p + 1, end);
    }
  }
}

/** Whether the string that was stepped over last is the name of a step. */
function sameKey(b: Buffer, start: number, end: number, { bytes, plain, name }: Step): boolean {
  const { length } = bytes;
  if (end - start === length) {
    let i = 0;
    while (i < length && b[start + i] === bytes[i]) i++;
    return i === length && plain;
  }
  // An escaped key is longer than what it stands for.
  if (end - start < length || (stringTraits() & ESCAPED) === 0) return false;
  return JSON.parse(b.toString('utf8', start - 1, end + 1)) === name;
}
