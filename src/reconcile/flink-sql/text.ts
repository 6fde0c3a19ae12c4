import { FlinchError } from '../../core/error.js';

/** A text as SQL writes it; a backslash has no meaning in it. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Names as they stand in the generated SQL: quoted, so that none is a keyword. */
export const named = (expression: string, name: string): string => `${expression} AS \`${name}\``;

/** What this engine will not do by half. @returns FlinchError USAGE */
export const refused = (what: string, on: string): FlinchError =>
  new FlinchError('USAGE', {
    what: `${what} cannot be expressed exactly in Flink SQL`,
    on,
    todo: 'leave out --engine flink-sql: the reader can do it',
  });
