import { isUtf8 } from 'node:buffer';
import { HeaderCursor } from '../client/kafka/records/headers.js';
import type { RecordView } from '../client/kafka/records/record-batch.js';
import { FlinchError } from '../core/error.js';
import type { FilterSpec, Scalar, Test } from './filter-spec.js';
import { compareDecimals, type Decimal, parseDecimal, writeDecimal } from './identity/decimal.js';
import { PointerScan, parsePointer } from './identity/json-pointer.js';

/** Whether a record is meant. `unreadable`: it cannot be told, which is not no. */
export type Judgement = 'yes' | 'no' | 'unreadable';
/** Never throws for what a record holds. */
export type Filter = (record: RecordView) => Judgement;

/**
 * What a record is asked is answered so:
 * - nothing there (no value, no such header, nothing at the pointer): no, but for `exists: false`
 * - not JSON, damaged headers, text that is not UTF-8: unreadable
 * - `matches` of what is not text, `atLeast` and `atMost` of what is not a number: unreadable; of null: no
 * - `all`: no where one is no, `any`: yes where one is yes, whatever the others are; `not` leaves unreadable as it is
 */
export function compileFilter(spec: FilterSpec): Filter {
  switch (spec.kind) {
    case 'not': {
      const inner = compileFilter(spec.filter);
      return (record) => negated(inner(record));
    }
    case 'all':
      return first('no', 'yes', spec.filters.map(compileFilter));
    case 'any':
      return first('yes', 'no', spec.filters.map(compileFilter));
    case 'header':
      return ofHeader(spec.name, compileTest(spec.test));
    case 'json':
      return ofJson(spec.pointer, spec.of === 'key', compileTest(spec.test));
  }
}

const negated = (judgement: Judgement): Judgement =>
  judgement === 'yes' ? 'no' : judgement === 'no' ? 'yes' : judgement;

/** The deciding answer of any filter, else unreadable if one is, else the other answer. */
function first(deciding: Judgement, otherwise: Judgement, filters: readonly Filter[]): Filter {
  return (record) => {
    let judgement = otherwise;
    for (const filter of filters) {
      const one = filter(record);
      if (one === deciding) return deciding;
      if (one === 'unreadable') judgement = one;
    }
    return judgement;
  };
}

/** What stands in a record: a value of JSON, a number exactly as written; undefined when it cannot be read. */
type Value = { text: string } | { number: Decimal } | { word: boolean | null } | 'container';
type Ask = { absent: Judgement; present: (value: Value) => Judgement; reads: boolean };

const yesOrNo = (yes: boolean): Judgement => (yes ? 'yes' : 'no');

function compileTest(test: Test): Ask {
  switch (test.test) {
    case 'exists':
      return { absent: yesOrNo(!test.wanted), present: () => yesOrNo(test.wanted), reads: false };
    case 'in': {
      const wanted = new Set(test.values.map((value) => keyOf(scalarValue(value))));
      return { absent: 'no', reads: true, present: (value) => yesOrNo(wanted.has(keyOf(value))) };
    }
    case 'matches': {
      const pattern = new RegExp(test.pattern, 'u');
      const present = (value: Value): Judgement =>
        isNull(value) ? 'no' : hasKey(value, 'text') ? yesOrNo(pattern.test(value.text)) : 'unreadable';
      return { absent: 'no', present, reads: true };
    }
    case 'between': {
      const [least, most] = [test.atLeast, test.atMost].map((bound) =>
        bound === undefined ? undefined : parseDecimal(String(bound)),
      );
      const present = (value: Value): Judgement => {
        if (isNull(value)) return 'no';
        if (!hasKey(value, 'number')) return 'unreadable';
        if (least && compareDecimals(value.number, least) < 0) return 'no';
        return yesOrNo(!most || compareDecimals(value.number, most) <= 0);
      };
      return { absent: 'no', present, reads: true };
    }
  }
}

const hasKey = <K extends string>(value: Value, key: K): value is Extract<Value, Record<K, unknown>> =>
  typeof value === 'object' && key in value;
const isNull = (value: Value): boolean => hasKey(value, 'word') && value.word === null;

/** Equal exactly for equal values. */
function keyOf(value: Value): string {
  if (value === 'container') return value;
  if ('text' in value) return `"${value.text}`;
  return 'number' in value ? writeDecimal(value.number) : String(value.word);
}

function scalarValue(scalar: Scalar): Value {
  if (typeof scalar === 'string') return { text: scalar };
  if (typeof scalar === 'number') return numberValue(String(scalar)) as Value;
  return { word: scalar };
}

function numberValue(text: string): Value | undefined {
  const number = parseDecimal(text);
  return number && { number };
}

function ofJson(pointer: string, ofKey: boolean, ask: Ask): Filter {
  const steps = parsePointer(pointer);
  if (typeof steps === 'string') throw new FlinchError('INTERNAL', { what: `${pointer} ${steps}` });
  const scan = new PointerScan(steps);
  return (record) => {
    const start = ofKey ? record.keyStart : record.valueStart;
    if (start < 0) return ask.absent;
    if (!scan.scan(record.buffer, start, ofKey ? record.keyEnd : record.valueEnd)) return 'unreadable';
    if (scan.start < 0) return ask.absent;
    const value = ask.reads ? readJson(record.buffer, scan.start, scan.end) : 'container';
    return value ? ask.present(value) : 'unreadable';
  };
}

function readJson(buffer: Buffer, start: number, end: number): Value | undefined {
  switch (buffer[start]) {
    case 0x22:
      if (!isUtf8(buffer.subarray(start, end))) return undefined;
      return { text: JSON.parse(buffer.toString('utf8', start, end)) as string };
    case 0x7b:
    case 0x5b:
      return 'container';
    case 0x74:
      return { word: true };
    case 0x66:
      return { word: false };
    case 0x6e:
      return { word: null };
    default:
      return numberValue(buffer.toString('latin1', start, end));
  }
}

function ofHeader(name: string, ask: Ask): Filter {
  const wanted = Buffer.from(name);
  const cursor = new HeaderCursor();
  return ({ buffer, headersStart, headersEnd }) => {
    cursor.begin(buffer, headersStart, headersEnd);
    let found: [start: number, end: number] | undefined;
    while (cursor.next()) {
      if (wanted.compare(buffer, cursor.keyStart, cursor.keyEnd) === 0) found = [cursor.valueStart, cursor.valueEnd];
    }
    if (cursor.damaged) return 'unreadable';
    if (!found) return ask.absent;
    if (found[0] < 0) return ask.present({ word: null });
    const bytes = buffer.subarray(...found);
    return isUtf8(bytes) ? ask.present({ text: bytes.toString() }) : 'unreadable';
  };
}
