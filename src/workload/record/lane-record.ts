import { FixedText } from './fixed-text.js';
import { FlatFields } from './flat-fields.js';
import { isWhole, parseObject } from './plain-object.js';

/** What fills a record up to its size; of no meaning, but known, so that a change in it is seen. */
const FILLING = '0123456789abcdef'.repeat(4096);
const PAD = [',"pad":"', '"}'] as const;

/**
 * A number that follows from the others of a record: one that was altered on its way does not have it. A change of one
 * of the three is always seen, of several in all but one of 2^32 cases.
 */
export function checkOf(lane: number, sequence: number, time: number): number {
  let hash = Math.imul(lane ^ 0x9e3779b1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ sequence, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ time, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 16) ^ Math.floor(time / 0x1_0000_0000), 0x165667b1);
  return (hash ^ (hash >>> 15)) >>> 0;
}

/**
 * The value of one record of the workload. Lanes start at 0, sequences at 1; `time` is milliseconds since the epoch.
 * @param size bytes to fill the value up to, at most 64 KiB; a record is never shorter than its numbers
 */
export function formatRecord(lane: number, sequence: number, time: number, size = 0): string {
  const numbers = `{"lane":${lane},"seq":${sequence},"ts":${time},"chk":${checkOf(lane, sequence, time)}`;
  const filling = size - numbers.length - PAD[0].length - PAD[1].length;
  if (filling < 0) return `${numbers}}`;
  return `${numbers}${PAD[0]}${FILLING.slice(0, filling)}${PAD[1]}`;
}

/**
 * `altered`: it is a record of the workload's shape that the producer cannot have written so. `unreadable`: it has not
 * even the shape.
 */
export type RecordState = 'intact' | 'altered' | 'unreadable';

const LANE = new FixedText('{"lane":');
const SEQUENCE = new FixedText(',"seq":');
const TIME = new FixedText(',"ts":');
const CHECK = new FixedText(',"chk":');
const PAD_BEGIN = new FixedText(PAD[0]);
const PAD_END = new FixedText(PAD[1]);
const FILLED = new FixedText(FILLING);
const END = new FixedText('}');
const KNOWN = new Set(['lane', 'seq', 'ts', 'chk', 'pad']);

/** Reads records of the workload; the fields hold what was read last. */
export class LaneRecord {
  lane = 0;
  sequence = 0;
  time = 0;
  readonly #fields = new FlatFields();

  /** Bytes [start, end) of a value. In compact form they are read as they lie; otherwise as JSON. */
  read(bytes: Buffer, start: number, end: number): RecordState {
    const fields = this.#fields;
    fields.begin(bytes, start, end);
    if (!fields.number(LANE)) return this.#parse(bytes, start, end);
    const lane = fields.value;
    if (!fields.number(SEQUENCE)) return this.#parse(bytes, start, end);
    const sequence = fields.value;
    if (!fields.number(TIME)) return this.#parse(bytes, start, end);
    const time = fields.value;
    if (!fields.number(CHECK)) return this.#parse(bytes, start, end);
    const check = fields.value;
    if (!this.#ends(end)) return this.#parse(bytes, start, end);
    this.lane = lane;
    this.sequence = sequence;
    this.time = time;
    return check === checkOf(lane, sequence, time) ? 'intact' : 'altered';
  }

  #ends(end: number): boolean {
    const fields = this.#fields;
    if (fields.at + 1 === end) return fields.text(END);
    const length = end - fields.at - PAD_BEGIN.length - PAD_END.length;
    if (length < 0 || length > FILLED.length) return false;
    return fields.text(PAD_BEGIN) && fields.text(FILLED, length) && fields.text(PAD_END);
  }

  #parse(bytes: Buffer, start: number, end: number): RecordState {
    const fields = parseObject(bytes.toString('utf8', start, end));
    if (!fields) return 'unreadable';
    const { lane, seq, ts, chk, pad } = fields;
    if (!isWhole(lane) || !isWhole(seq) || !isWhole(ts)) return 'unreadable';
    this.lane = lane;
    this.sequence = seq;
    this.time = ts;
    const filled = pad === undefined || (typeof pad === 'string' && FILLING.startsWith(pad));
    const known = Object.keys(fields).every((name) => KNOWN.has(name));
    return chk === checkOf(lane, seq, ts) && filled && known ? 'intact' : 'altered';
  }
}
