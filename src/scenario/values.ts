import { z } from 'zod';
import { FlinchError } from '../core/error.js';
import type { Measure } from '../core/units.js';
import { show } from './show.js';

interface RangeOf {
  /** As a scenario writes them; inclusive. */
  from: string;
  to: string;
}

/** What to say of something that is not even text. */
export const notText =
  (measure: Measure, example: string) =>
  ({ input }: { input?: unknown }): string => {
    if (input === undefined) return `is missing; write a ${measure.name}, e.g. ${example}`;
    if (typeof input === 'number') return `${input} has no unit; write ${input}${measure.usual}`;
    return `${show(input)} is not a ${measure.name}; write ${measure.form}`;
  };

/** A quantity with a unit, as a number in the measure's base unit. `before` is a word that must precede it. */
export function quantity(measure: Measure, { from, to }: RangeOf, example: string, before = '') {
  const [least, most] = [measure.parse(from), measure.parse(to)];
  const pattern = before ? new RegExp(`^${before} ${measure.pattern.source.slice(1)}`) : measure.pattern;
  const bare = (text: string) => (before && text.startsWith(`${before} `) ? text.slice(before.length + 1) : text);
  return z
    .string({ error: notText(measure, example) })
    .regex(pattern, { error: ({ input }) => misread(measure, before, String(input), bare(String(input))) })
    .transform((text, context) => {
      const value = parseOrUndefined(measure, bare(text));
      if (value !== undefined && value >= least && value <= most) return value;
      const message = `${show(text)} is out of range; write a ${measure.name} from ${from} to ${to}`;
      context.issues.push({ code: 'custom', message, input: text });
      return z.NEVER;
    });
}

function misread(measure: Measure, before: string, whole: string, text: string): string {
  try {
    measure.parse(text);
  } catch (error) {
    if (error instanceof FlinchError) return before ? `${error.message}, after the word ${before}` : error.message;
    throw error;
  }
  return `${show(whole)} lacks the word ${before}; write "${before} ${text}"`;
}

function parseOrUndefined(measure: Measure, text: string): number | undefined {
  try {
    return measure.parse(text);
  } catch {
    return undefined;
  }
}

/** A whole number within inclusive bounds. */
export function wholeNumber(from: number, to: number) {
  const error = ({ input }: { input?: unknown }): string => {
    const right = `write a whole number from ${from} to ${to}`;
    if (input === undefined) return `is missing; ${right}`;
    return typeof input === 'number' && Number.isInteger(input)
      ? `${input} is out of range; ${right}`
      : `${show(input)} is not a whole number; ${right}`;
  };
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** Settings handed on as they are; a key in `ours` is refused with what to use instead. */
export function settings(ours: (key: string) => string | undefined) {
  const notAMap = 'is not a map of settings; write key: value lines';
  const keyForm = 'is not a setting; write a flat key such as a.b.c (letters, digits, dots, dashes)';
  const key = z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/, { error: ({ input }) => `${show(input)} ${keyForm}` })
    .superRefine((name, context) => {
      const instead = ours(name);
      if (instead) context.addIssue({ code: 'custom', message: `is set by Flinch; ${instead}` });
    });
  const value = z
    .union(
      [
        z
          .string()
          .max(2000, { error: 'is too long; write at most 2000 characters' })
          .regex(/^\P{Cc}*$/u, { error: 'has a line break or control character; write it on one line' }),
        z.number(),
        z.boolean(),
      ],
      {
        error: ({ input }) =>
          input === null
            ? 'has no value; write one, or leave the key out'
            : `${show(input)} is not a plain value; write text, a number, true or false (keys are flat: a.b.c)`,
      },
    )
    .transform(String);
  return z.record(key, value, { error: ({ code }) => (code === 'invalid_type' ? notAMap : undefined) });
}
