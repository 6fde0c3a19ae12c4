/** The value of one record of the workload. Lanes start at 0, sequences at 1; `time` is milliseconds since the epoch. */
export const formatRecord = (lane: number, sequence: number, time: number): string =>
  `{"lane":${lane},"seq":${sequence},"ts":${time}}`;

const DIGIT_0 = 0x30;
const COMMA = 0x2c;
const CLOSE = 0x7d;
const QUADS = 0x30303030;
const NOT_DIGITS = 0xf0f0f0f0 | 0;

/** Text that must stand at a place, compared four bytes at a time. */
class Fixed {
  readonly length: number;
  readonly #words: Int32Array;
  readonly #rest: Uint8Array;

  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    const view = new DataView(bytes.buffer);
    this.length = bytes.length;
    this.#words = Int32Array.from({ length: bytes.length >>> 2 }, (_, i) => view.getInt32(4 * i, true));
    this.#rest = bytes.subarray(4 * this.#words.length);
  }

  stands(view: DataView, at: number): boolean {
    const [words, rest] = [this.#words, this.#rest];
    for (let i = 0; i < words.length; i++, at += 4) if (view.getInt32(at, true) !== words[i]) return false;
    for (let i = 0; i < rest.length; i++) if (view.getUint8(at + i) !== rest[i]) return false;
    return true;
  }
}

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
  readonly #prefixes: readonly Fixed[];
  /** Records come by the thousand from one buffer. */
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #value = 0;

  constructor(names: readonly [string, string, string]) {
    this.#names = names;
    this.#prefixes = names.map((name, i) => new Fixed(`${i === 0 ? '{' : ''}"${name}":`));
  }

  /** False when bytes [start, end) are not such an object. */
  read(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    let at = this.#number(0, start, end, COMMA);
    if (at < 0) return this.#parse(bytes, start, end);
    const first = this.#value;
    at = this.#number(1, at, end, COMMA);
    if (at < 0) return this.#parse(bytes, start, end);
    const second = this.#value;
    at = this.#number(2, at, end, CLOSE);
    if (at !== end) return this.#parse(bytes, start, end);
    this.first = first;
    this.second = second;
    this.third = this.#value;
    return true;
  }

  /** Reads a field from `start` into `#value`; returns where the next one begins, -1 when it is not in the usual form. */
  #number(index: number, start: number, end: number, terminator: number): number {
    const view = this.#view;
    const prefix = this.#prefixes[index]!;
    const digits = start + prefix.length;
    if (digits >= end || !prefix.stands(view, start)) return -1;
    let at = digits;
    let value = 0;
    for (; at + 4 <= end; at += 4) {
      const quad = view.getInt32(at, true) ^ QUADS;
      // Each byte is 0 to 9: neither it, nor it plus 6, reaches into its upper half.
      if (((quad | (quad + 0x06060606)) & NOT_DIGITS) !== 0) break;
      const upper = (quad & 0xff) * 1000 + ((quad >>> 8) & 0xff) * 100;
      value = value * 10_000 + upper + ((quad >>> 16) & 0xff) * 10 + (quad >>> 24);
    }
    let byte = 0;
    for (; at < end; at++) {
      byte = view.getUint8(at);
      if (byte < DIGIT_0 || byte > DIGIT_0 + 9) break;
      value = value * 10 + byte - DIGIT_0;
    }
    // 15 digits are always exact; leading zeros are not JSON.
    const length = at - digits;
    if (length === 0 || length > 15 || (length > 1 && view.getUint8(digits) === DIGIT_0)) return -1;
    if (at >= end || byte !== terminator) return -1;
    this.#value = value;
    return at + 1;
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
