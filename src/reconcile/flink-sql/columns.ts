import type { Of } from '../identity/json.js';
import { literal, refused } from './text.js';

/**
 * What is taken out of each record before records are shuffled: the few short columns that identity and filter are
 * then computed from. Behind the shuffle each is a column and read for nothing; before it, the planner would write out
 * an expression wherever it is used, and so parse a document many times.
 */
export class Columns {
  readonly #expressions = new Map<string, string>();

  /** Gives an expression a name; the same one twice has one name. */
  name(expression: string): string {
    const known = [...this.#expressions].find(([, it]) => it === expression);
    if (known) return known[0];
    const name = `c${this.#expressions.size}`;
    this.#expressions.set(name, expression);
    return name;
  }

  list(): { name: string; expression: string }[] {
    return [...this.#expressions].map(([name, expression]) => ({ name, expression }));
  }
}

/** The columns of one JSON document. */
export interface Document {
  /**
   * `n`: no document, `j`: JSON, `x`: not JSON, `!`: refused by Flink's parser, perhaps only for its limits of depth
   * and length, which Flinch's has not; they begin at this many characters.
   */
  state: string;
  /** Whether it is not UTF-8 somewhere; then U+FFFD may stand for any bytes. */
  notUtf8: string;
  /** Whether it has an escape of half a surrogate pair; then a question mark may stand for one that has no other half. */
  surrogates: string;
  /** Text of the whole document, before the shuffle. */
  text: string;
}

/** Jackson's lowest limits, of nesting and of the length of a number. */
const PARSER_LIMIT = 1000;
const LONGEST_INDEX = 9;
const MOST_PATHS = 8;

export const bytesOf = (of: Of): string => (of === 'key' ? '`k`' : '`v`');

export function documentOf(columns: Columns, of: Of): Document {
  const bytes = bytesOf(of);
  const text = `DECODE(${bytes}, 'UTF-8')`;
  // Flink's parser ignores what stands behind a value. That no text but a value is JSON both in a list and in an
  // object can be seen from what may follow a value there: a comma or the one bracket, a comma or the other.
  const isJson = `('[' || ${text} || ']') IS JSON AND ('{"":' || ${text} || '}') IS JSON`;
  return {
    text,
    state: columns.name(
      `CASE WHEN ${bytes} IS NULL THEN 'n' WHEN ${isJson} THEN 'j' WHEN CHAR_LENGTH(${text}) <= ${PARSER_LIMIT} THEN 'x' ELSE '!' END`,
    ),
    notUtf8: columns.name(`COALESCE(ENCODE(${text}, 'UTF-8') <> ${bytes}, FALSE)`),
    surrogates: columns.name(`COALESCE(REGEXP(${text}, '\\\\u[dD][89a-fA-F]'), FALSE)`),
  };
}

/**
 * The column of what a JSON pointer points at: a JSON list with this one value, or NULL for null and for nothing.
 * @throws FlinchError USAGE
 */
export function pointedAt(columns: Columns, { text }: Document, pointer: string, steps: readonly string[]): string {
  const found = pathsOf(pointer, steps).map(
    (path) => `JSON_QUERY('[' || ${text} || ']', ${literal(path)} WITH UNCONDITIONAL ARRAY WRAPPER)`,
  );
  return columns.name(found.length === 1 ? (found[0] ?? '') : `COALESCE(${found.join(', ')})`);
}

/** A step of digits is a name in an object and a place in a list: one path for each. Only one of them can be there. */
function pathsOf(pointer: string, steps: readonly string[]): string[] {
  let paths = ['$[0]'];
  for (const step of steps) {
    if (/['\\\p{Cc}\p{Cs}\ufffd]/u.test(step))
      throw refused(`the name ${JSON.stringify(step)}`, `JSON pointer ${pointer}`);
    const index = /^(0|[1-9]\d*)$/.test(step) && step.length <= LONGEST_INDEX;
    paths = paths.flatMap((path) => [`${path}['${step}']`, ...(index ? [`${path}[${step}]`] : [])]);
    if (paths.length > MOST_PATHS) throw refused('a pointer with more than three steps of digits', pointer);
  }
  return paths;
}

/** Between the brackets of such a list. */
export const inside = (list: string): string => `SUBSTRING(${list} FROM 2 FOR CHAR_LENGTH(${list}) - 2)`;
/** Text of the string in such a list. */
export const stringIn = (list: string): string =>
  `CASE WHEN POSITION('\\' IN ${list}) = 0 THEN SUBSTRING(${list} FROM 3 FOR CHAR_LENGTH(${list}) - 4) ELSE JSON_VALUE(${list}, '$[0]') END`;
export const firstOf = (list: string): string => `SUBSTRING(${list} FROM 2 FOR 1)`;
/** A number too large for a double comes out of Flink's parser as such a string. */
export const overflown = (list: string): string => `${list} IN ('["Infinity"]', '["-Infinity"]', '["NaN"]')`;
/** Whether the text of a string is not surely the one in the record. */
export const doubtful = (list: string, { notUtf8, surrogates }: Document): string =>
  `((${surrogates} AND POSITION('?' IN ${list}) > 0) OR (${notUtf8} AND POSITION('\ufffd' IN ${list}) > 0))`;
/** Other numbers have gone through a double: 1e2 and 0.1000000000000000000001 are not what they were. */
export const isInteger = (list: string, digits: number): string => `REGEXP(${list}, '^\\[-?[0-9]{1,${digits}}\\]\\z')`;
