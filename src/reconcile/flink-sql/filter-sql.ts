import type { FilterSpec, Scalar, Test } from '../filter-spec.js';
import { PLAIN_DIGITS, parseDecimal, writeDecimal } from '../identity/decimal.js';
import { parsePointer } from '../identity/json-pointer.js';
import {
  type Columns,
  documentOf,
  doubtful,
  firstOf,
  inside,
  isInteger,
  overflown,
  pointedAt,
  stringIn,
} from './columns.js';
import { headerOf } from './identity-sql.js';
import { literal, refused } from './text.js';

/**
 * The SQL of a filter's judgement over `columns`: `y`, `n`, `u` for unreadable, all as `compileFilter` has it, or `o`
 * where SQL cannot tell. @throws FlinchError USAGE for a filter that cannot be expressed exactly.
 */
export function filterSql(spec: FilterSpec, columns: Columns): string {
  switch (spec.kind) {
    case 'not': {
      const inner = filterSql(spec.filter, columns);
      return `CASE ${inner} WHEN 'y' THEN 'n' WHEN 'n' THEN 'y' WHEN 'u' THEN 'u' ELSE 'o' END`;
    }
    case 'all':
      return first('n', 'y', spec.filters, columns);
    case 'any':
      return first('y', 'n', spec.filters, columns);
    case 'header':
      return headerSql(spec.name, spec.test, columns);
    case 'json':
      return jsonSql(spec, columns);
  }
}

/** The deciding answer of any; else what cannot be told, then what cannot be read, then the other answer. */
function first(deciding: string, otherwise: string, filters: readonly FilterSpec[], columns: Columns): string {
  const all = filters.map((filter) => filterSql(filter, columns));
  const any = (answer: string) => all.map((it) => `(${it}) = '${answer}'`).join(' OR ');
  return `CASE WHEN ${any(deciding)} THEN '${deciding}' WHEN ${any('o')} THEN 'o' WHEN ${any('u')} THEN 'u' ELSE '${otherwise}' END`;
}

function headerSql(name: string, test: Test, columns: Columns): string {
  const bytes = headerOf(name);
  const text = `DECODE(${bytes}, 'UTF-8')`;
  const notUtf8 = `ENCODE(${text}, 'UTF-8') <> ${bytes}`;
  const ask = (yes: string) =>
    columns.name(`CASE WHEN ${bytes} IS NOT NULL AND ${notUtf8} THEN 'u' WHEN ${yes} THEN 'y' ELSE 'n' END`);
  if (test.test === 'exists') {
    const there = `ARRAY_CONTAINS(MAP_KEYS(\`h\`), ${literal(name)})`;
    return ask(test.wanted ? there : `NOT ${there}`);
  }
  if (test.test === 'in') {
    return ask(
      `${bytes} IS NOT NULL AND ${text} IN (${test.values.map((value) => literal(textOf(value))).join(', ')})`,
    );
  }
  throw refused(`the test "${test.test}" of a header`, `filter of header ${name}`);
}

/** The schema lets headers be compared with text only. */
const textOf = (value: Scalar): string => literalText(String(value));
const literalText = (text: string): string => {
  if (/[\p{Cs}\ufffd]/u.test(text)) throw refused('text with half a surrogate pair or U+FFFD', 'filter');
  return text;
};

function jsonSql(spec: Extract<FilterSpec, { kind: 'json' }>, columns: Columns): string {
  const on = `filter of ${spec.pointer}`;
  const { test } = spec;
  // To Flink's functions null and nothing are the same.
  if (test.test === 'exists') throw refused('the test "exists"', on);
  if (test.test === 'matches') throw refused('a regular expression of JavaScript', on);
  const steps = parsePointer(spec.pointer);
  if (typeof steps === 'string') throw refused(`what ${steps}`, spec.pointer);
  const document = documentOf(columns, spec.of);
  const list = pointedAt(columns, document, spec.pointer, steps);
  const answer = test.test === 'in' ? inSql(test.values, list, doubtful(list, document), on) : betweenSql(test, list);
  return `CASE WHEN ${document.state} = '!' THEN 'o' WHEN ${document.state} = 'x' THEN 'u' WHEN ${document.state} = 'n' OR ${list} IS NULL THEN 'n' ${answer} END`;
}

function inSql(values: readonly Scalar[], list: string, doubt: string, on: string): string {
  if (values.includes(null)) throw refused('a test for null', on);
  const texts = values.filter((value) => typeof value === 'string').map(literalText);
  const numbers = values.filter((value) => typeof value === 'number').map((value) => writtenOut(value));
  const words = values.filter((value) => typeof value === 'boolean').map(String);
  const oneOf = (what: string, of: readonly string[]) =>
    of.length === 0 ? 'FALSE' : `${what} IN (${of.map(literal).join(', ')})`;
  const number =
    numbers.length === 0
      ? "'n'"
      : `CASE WHEN ${isInteger(list, PLAIN_DIGITS)} THEN CASE WHEN ${oneOf(inside(list), numbers)} THEN 'y' ELSE 'n' END ELSE 'o' END`;
  const huge = numbers.length > 0 || texts.some((text) => /^(-?Infinity|NaN)$/.test(text)) ? "'o'" : "'n'";
  return `WHEN ${overflown(list)} THEN ${huge}
 WHEN ${firstOf(list)} = '"' THEN CASE WHEN ${doubt} THEN 'o' WHEN ${oneOf(stringIn(list), texts)} THEN 'y' ELSE 'n' END
 WHEN ${firstOf(list)} IN ('[', '{') THEN 'n'
 WHEN ${list} IN ('[true]', '[false]') THEN CASE WHEN ${oneOf(inside(list), words)} THEN 'y' ELSE 'n' END
 ELSE ${number}`;
}

/** As the reader writes a number down. */
function writtenOut(value: number): string {
  const decimal = parseDecimal(String(value));
  return decimal ? writeDecimal(decimal) : String(value);
}

/** Digits that surely fit into a BIGINT. */
const BIGINT_DIGITS = 18;

function betweenSql({ atLeast, atMost }: Extract<Test, { test: 'between' }>, list: string): string {
  const number = `CAST(${inside(list)} AS BIGINT)`;
  // Whole numbers only are compared: 7 is at least 6.5 when it is at least 7.
  const bounds = [
    ...(atLeast === undefined ? [] : [`${number} >= ${BigInt(Math.ceil(atLeast))}`]),
    ...(atMost === undefined ? [] : [`${number} <= ${BigInt(Math.floor(atMost))}`]),
  ].join(' AND ');
  return `WHEN ${overflown(list)} THEN 'o'
 WHEN ${firstOf(list)} IN ('"', '[', '{') OR ${list} IN ('[true]', '[false]') THEN 'u'
 WHEN ${isInteger(list, BIGINT_DIGITS)} THEN CASE WHEN ${bounds} THEN 'y' ELSE 'n' END
 ELSE 'o'`;
}
