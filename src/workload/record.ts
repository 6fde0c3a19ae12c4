/** The value of one record of the workload. Lanes start at 0, sequences at 1; `time` is milliseconds since the epoch. */
export const formatRecord = (lane: number, sequence: number, time: number): string =>
  `{"lane":${lane},"seq":${sequence},"ts":${time}}`;

const DIGIT_0 = 0x30;
const COMMA = 0x2c;
const CLOSE = 0x7d;

/**
 * Reads three whole numbers from a flat JSON object. The compact form with the fields in the expected order (what
 * Flink and the producer write) is read from the bytes; everything else goes through JSON.parse. Reuses itself: the
 * fields hold the last value read.
 */
export class ThreeNumbers {
  first = 0;
  second = 0;
  third = 0;
  readonly #names: readonly [string, string, string];
  readonly #prefixes: readonly Uint8Array[];

  constructor(names: readonly [string, string, string]) {
    this.#names = names;
    this.#prefixes = names.map((name, i) => new TextEncoder().encode(`${i === 0 ? '{' : ''}"${name}":`));
  }

  /** False when bytes [start, end) are not such an object. */
  read(bytes: Buffer, start: number, end: number): boolean {
    const prefixes = this.#prefixes;
    let at = start;
    let first = 0;
    let second = 0;
    for (let index = 0; index < 3; index++) {
      const prefix = prefixes[index]!;
      if (at + prefix.length >= end) return this.#parse(bytes, start, end);
      for (let i = 0; i < prefix.length; i++) {
        if (bytes[at + i] !== prefix[i]) return this.#parse(bytes, start, end);
      }
      at += prefix.length;
      const digits = at;
      let value = 0;
      for (; at < end; at++) {
        const digit = bytes[at]! - DIGIT_0;
        if (digit < 0 || digit > 9) break;
        value = value * 10 + digit;
      }
      // 15 digits are always exact; leading zeros are not JSON.
      const length = at - digits;
      const terminator = index === 2 ? CLOSE : COMMA;
      const odd = length === 0 || length > 15 || (length > 1 && bytes[digits] === DIGIT_0);
      if (odd || at >= end || bytes[at] !== terminator) return this.#parse(bytes, start, end);
      at++;
      if (index === 0) first = value;
      else if (index === 1) second = value;
      else if (at === end) {
        this.first = first;
        this.second = second;
        this.third = value;
        return true;
      }
    }
    return this.#parse(bytes, start, end);
  }

  #parse(bytes: Buffer, start: number, end: number): boolean {
    let parsed: unknown;
    try {
      parsed = JSON.parse(bytes.toString('utf8', start, end));
    } catch {
      return false;
    }
    if (typeof parsed !== 'object' || parsed === null) return false;
    const fields = parsed as Record<string, unknown>;
    const [first, second, third] = this.#names.map((name) => fields[name]);
    if (!isWhole(first) || !isWhole(second) || !isWhole(third)) return false;
    this.first = first;
    this.second = second;
    this.third = third;
    return true;
  }
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
