import { z } from 'zod';
import { DURATION } from '../core/units.js';
import { show } from './show.js';
import { notText, quantity, wholeNumber } from './values.js';

/** An inclusive bound and how people read it. */
export interface Bound {
  atLeast?: number;
  atMost?: number;
  text: string;
}

interface Written {
  within?: string | undefined;
  atMost?: string | number | undefined;
  atLeast?: string | number | undefined;
  between?: (string | number)[] | undefined;
}

const timeRange = { from: '1ms', to: '1d' };
const parsed = quantity(DURATION, timeRange, '30s');
// Validated by `parsed`, but kept as written: the bound's text shows the author's own unit.
const time = z.string({ error: notText(DURATION, '30s') }).superRefine((text, context) => {
  const message = parsed.safeParse(text).error?.issues[0]?.message;
  if (message) context.addIssue({ code: 'custom', message, input: text });
});
const timeText = time.meta({ pattern: DURATION.pattern.source, examples: ['30s'] });
const count = wholeNumber(0, 1_000_000_000_000);

/** Milliseconds or a count; NaN for what its own schema has refused. */
const amount = (written: unknown): number =>
  typeof written === 'string' ? (parsed.safeParse(written).data ?? Number.NaN) : Number(written);

const onePresent = (map: object): boolean => Object.values(map).filter((value) => value !== undefined).length === 1;
const oneBound = (words: string) => ({
  error: ({ input }: { input?: unknown }) =>
    `${Object.keys(input as object).length === 0 ? 'no bound is' : 'more than one bound is'} given; write one of ${words}`,
});
const single = { minProperties: 1, maxProperties: 1 };

function pair<T extends z.ZodType<string | number>>(value: T) {
  return z
    .array(value, { error: ({ input }) => `${show(input)} is not a list of two values; write [lowest, highest]` })
    .length(2, { error: 'is not a list of two values; write [lowest, highest]' })
    .refine(([low, high]) => !(amount(low) > amount(high)), {
      error: ({ input }) => {
        const [low, high] = input as (string | number)[];
        return `nothing lies between ${low} and ${high}; write [${high}, ${low}]`;
      },
    });
}

function toBound({ within, atMost, atLeast, between }: Written): Bound {
  if (within !== undefined) return { atMost: amount(within), text: `within ${within}` };
  if (atMost !== undefined) return { atMost: amount(atMost), text: `at most ${atMost}` };
  if (atLeast !== undefined) return { atLeast: amount(atLeast), text: `at least ${atLeast}` };
  const [low = 0, high = 0] = between ?? [];
  return { atLeast: amount(low), atMost: amount(high), text: `between ${low} and ${high}` };
}

const timeWords = '{within: 30s}, {atMost: 30s}, {atLeast: 5s}, {between: [5s, 30s]}';
const countWords = '0, {atMost: 5}, {atLeast: 1}, {between: [1, 5]}';

/** A bound on a time; a plain duration means "within". */
export const timeBound = z
  .union(
    [
      timeText.transform((text): Bound => toBound({ within: text })),
      z
        .strictObject({
          within: timeText.optional(),
          atMost: timeText.optional(),
          atLeast: timeText.optional(),
          between: pair(timeText).optional(),
        })
        .refine(onePresent, oneBound(timeWords))
        .meta(single)
        .transform(toBound),
    ],
    {
      error: ({ input }) =>
        typeof input === 'number'
          ? `${input} has no unit; write {within: ${input}s}`
          : `${show(input)} is not a bound on a time; write one of ${timeWords}`,
    },
  )
  .meta({ id: 'TimeBound', description: 'A bound on a time; the units are required.', examples: [{ within: '30s' }] });

/** A bound on a count; a plain number means exactly that many. */
export const countBound = z
  .union(
    [
      count.transform((n): Bound => ({ atLeast: n, atMost: n, text: String(n) })),
      z
        .strictObject({ atMost: count.optional(), atLeast: count.optional(), between: pair(count).optional() })
        .refine(onePresent, oneBound(countWords))
        .meta(single)
        .transform(toBound),
    ],
    {
      error: ({ input }) =>
        `${show(input)} is not a ${typeof input === 'number' ? 'whole number' : 'bound on a count'}; write one of ${countWords}`,
    },
  )
  .meta({ id: 'CountBound', description: 'A bound on a count.', examples: [0, { atMost: 5 }] });
