import { PLAIN_DIGITS } from '../identity/decimal.js';
import type { Form } from '../identity/identity-writer.js';
import { parsePointer } from '../identity/json-pointer.js';
import type { IdentitySpec, PartSpec } from '../identity/spec.js';
import {
  bytesOf,
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
import { literal, refused } from './text.js';

const NULL = 'CAST(NULL AS STRING)';

/**
 * The SQL of a record's identity over `columns`, as one text: `"` and text, `x` and bytes that are not UTF-8 as
 * Latin-1, a number's digits, true or false, or `[` and each part with its length in characters before it. NULL where
 * the record has none; `!` and a reason where SQL cannot tell what the reader would find.
 * @throws FlinchError USAGE for an identity that cannot be expressed exactly.
 */
export function identitySql(spec: IdentitySpec, columns: Columns): string {
  if (spec.kind !== 'all') return partSql(spec, columns);
  // Named again, so that the planner need not write each out four times over.
  const parts = spec.parts.map((part) => partSql(part, columns));
  const whole = parts.map((part) => `CAST(CHAR_LENGTH(${part}) AS STRING) || ':' || ${part}`).join(' || ');
  const odd = parts.map((part) => `WHEN ${part} LIKE '!%' THEN ${part}`).join(' ');
  return `CASE WHEN ${parts.map((part) => `${part} IS NULL`).join(' OR ')} THEN ${NULL} ${odd} ELSE '[' || ${whole} END`;
}

function partSql(spec: PartSpec, columns: Columns): string {
  switch (spec.kind) {
    case 'key':
      return columns.name(octetsSql(bytesOf('key'), spec.as));
    case 'header':
      return columns.name(octetsSql(headerOf(spec.name), spec.as));
    case 'json':
      return jsonSql(spec, columns);
    case 'avro':
      throw refused('an Avro field', `identity avro:${spec.path.join('.')}`);
    case 'capture':
      throw refused('a regular expression of JavaScript', `identity capture:${spec.pattern}`);
  }
}

/** Of several headers with one name Flink has the last one, as Flinch's reader. @throws FlinchError USAGE */
export function headerOf(name: string): string {
  if (/[\p{Cc}\p{Cs}\ufffd]/u.test(name)) throw refused('its name', `header ${JSON.stringify(name)}`);
  return `\`h\`[${literal(name)}]`;
}

function octetsSql(bytes: string, as: Form): string {
  const text = `DECODE(${bytes}, 'UTF-8')`;
  const latin1 = `DECODE(${bytes}, 'ISO-8859-1')`;
  if (as === 'uuid') {
    return `CASE WHEN ${bytes} IS NULL THEN ${NULL} WHEN CHAR_LENGTH(${latin1}) = 16 THEN '!a UUID of sixteen bytes' ELSE ${uuidSql(text)} END`;
  }
  return `CASE WHEN ${bytes} IS NULL THEN ${NULL} WHEN ENCODE(${text}, 'UTF-8') = ${bytes} THEN '"' || ${text} ELSE 'x' || ${latin1} END`;
}

function jsonSql(spec: Extract<PartSpec, { kind: 'json' }>, columns: Columns): string {
  const steps = parsePointer(spec.pointer);
  if (typeof steps === 'string') throw refused(`what ${steps}`, spec.pointer);
  const document = documentOf(columns, spec.of);
  const list = pointedAt(columns, document, spec.pointer, steps);
  const quote = spec.as === 'text' ? `'"' || ` : '';
  const string = spec.as === 'uuid' ? uuidSql(stringIn(list)) : `'"' || ${stringIn(list)}`;
  const scalars =
    spec.as === 'uuid'
      ? `ELSE ${NULL}`
      : `WHEN ${list} IN ('[true]', '[false]') OR ${isInteger(list, PLAIN_DIGITS)} THEN ${quote}${inside(list)} ELSE '!a number that is not whole, or long' END`;
  return `CASE WHEN ${document.state} = '!' THEN '!text that may be JSON beyond the limits of Flink''s parser'
 WHEN ${document.state} <> 'j' OR ${list} IS NULL OR ${firstOf(list)} IN ('[', '{') THEN ${NULL}
 WHEN ${overflown(list)} THEN '!a number too large for a double'
 WHEN ${firstOf(list)} = '"' THEN CASE WHEN ${doubtful(list, document)} THEN '!text that is not UTF-8, or half a surrogate pair' ELSE ${string} END
 ${scalars}${spec.as === 'uuid' ? ' END' : ''}`;
}

const HEX = '[0-9a-fA-F]';
const DASHED = `^${HEX}{8}-${HEX}{4}-${HEX}{4}-${HEX}{4}-${HEX}{12}\\z`;
const BARE = `^${HEX}{32}\\z`;

function uuidSql(text: string): string {
  const piece = (from: number, length: number) => `SUBSTRING(${text} FROM ${from} FOR ${length})`;
  const dashed = [piece(1, 8), piece(9, 4), piece(13, 4), piece(17, 4), piece(21, 12)].join(" || '-' || ");
  return `CASE WHEN REGEXP(${text}, '${DASHED}') THEN '"' || LOWER(${text}) WHEN REGEXP(${text}, '${BARE}') THEN '"' || LOWER(${dashed}) ELSE ${NULL} END`;
}
