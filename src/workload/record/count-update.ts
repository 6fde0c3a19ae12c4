import { FixedText } from './fixed-text.js';
import { FlatFields } from './flat-fields.js';
import { isWhole, parseObject } from './plain-object.js';

const LANE = new FixedText('{"lane":');
const COUNT = new FixedText(',"cnt":');
const MAX = new FixedText(',"mx":');
const END = new FixedText('}');

/** Reads updates of the `count` job; the fields hold the last one that was read. */
export class CountUpdate {
  lane = 0;
  count = 0;
  max = 0;
  readonly #fields = new FlatFields();

  /** False when bytes [start, end) are no such update. */
  read(bytes: Buffer, start: number, end: number): boolean {
    const fields = this.#fields;
    fields.begin(bytes, start, end);
    if (!fields.number(LANE)) return this.#parse(bytes, start, end);
    const lane = fields.value;
    if (!fields.number(COUNT)) return this.#parse(bytes, start, end);
    const count = fields.value;
    if (!fields.number(MAX)) return this.#parse(bytes, start, end);
    const max = fields.value;
    if (!fields.text(END) || fields.at !== end) return this.#parse(bytes, start, end);
    this.lane = lane;
    this.count = count;
    this.max = max;
    return true;
  }

  #parse(bytes: Buffer, start: number, end: number): boolean {
    const { lane, cnt, mx } = parseObject(bytes.toString('utf8', start, end)) ?? {};
    if (!isWhole(lane) || !isWhole(cnt) || !isWhole(mx)) return false;
    this.lane = lane;
    this.count = cnt;
    this.max = mx;
    return true;
  }
}
