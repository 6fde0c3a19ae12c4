import { z } from 'zod';
import type { FilterSpec, Scalar, Test } from '../core/record-spec.js';
import type { Of } from './identity/json.js';
import { headerName, partOf, pointerText } from './identity/spec.js';
import { notA, shown } from './identity/speech.js';

export type { FilterSpec, Scalar, Test } from '../core/record-spec.js';

const FORM =
  '{ json: /type, equals: order } with equals, in, matches, exists, atLeast or atMost; or not: {...}, all: [...], any: [...]';

const number = z
  .number(notA('a number', 'a number'))
  .refine((value) => Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)), {
    error: ({ input }) => `${input} is not exact; write a whole number below 9007199254740992 or a fraction`,
  });
const scalar = z.union([z.string(), z.boolean(), z.null(), number], {
  error: ({ input }) =>
    typeof input === 'number'
      ? `${input} is not exact; write a whole number below 9007199254740992 or a fraction`
      : `${shown(input)} is not a plain value; write text, a number, true, false or null`,
});

const pattern = z.string(notA('a regular expression', 'text, e.g. "^order-"')).superRefine((text, context) => {
  try {
    new RegExp(text, 'u');
  } catch {
    const message = `${shown(text)} is not a regular expression; write e.g. "^order-"`;
    context.addIssue({ code: 'custom', message, input: text });
  }
});

const TESTS = ['equals', 'in', 'matches', 'exists', 'atLeast', 'atMost'] as const;

interface Written {
  json?: string | undefined;
  header?: string | undefined;
  of?: Of | undefined;
  equals?: Scalar | undefined;
  in?: Scalar[] | undefined;
  matches?: string | undefined;
  exists?: boolean | undefined;
  atLeast?: number | undefined;
  atMost?: number | undefined;
  not?: FilterSpec | undefined;
  all?: FilterSpec[] | undefined;
  any?: FilterSpec[] | undefined;
}

const inner = z.lazy((): z.ZodType<FilterSpec> => filterSchema);
const several = z
  .array(inner, notA('a list of filters', '[{ json: /type, equals: order }, ...]'))
  .min(1, { error: 'is empty; write at least one filter' });

/** Which records a `subset` relation is about, as a scenario writes it. */
export const filterSchema: z.ZodType<FilterSpec> = z
  .strictObject(
    {
      json: pointerText.optional(),
      header: headerName.optional(),
      of: partOf,
      equals: scalar.optional().meta({ description: 'This very value; numbers by their value.' }),
      in: z
        .array(scalar, notA('a list of values', 'e.g. [order, refund]'))
        .min(1, { error: 'is empty; write at least one value' })
        .optional()
        .meta({ description: 'One of these values.' }),
      matches: pattern.optional().meta({ description: 'Text in which this regular expression is found.' }),
      exists: z.boolean(notA('an answer', 'true or false')).optional().meta({
        description: 'Whether there is anything there; null is something.',
      }),
      atLeast: number.optional().meta({ description: 'A number not below this one.' }),
      atMost: number.optional().meta({ description: 'A number not above this one.' }),
      not: inner.optional().meta({ description: 'What this filter does not mean.' }),
      all: several.optional().meta({ description: 'What all of these mean.' }),
      any: several.optional().meta({ description: 'What at least one of these means.' }),
    },
    notA('a filter', FORM),
  )
  .superRefine((map, context) => {
    for (const [key, message] of mistakes(map)) {
      context.addIssue({ code: 'custom', message, ...(key === undefined ? {} : { path: [key] }) });
    }
  })
  .transform(toFilter)
  .meta({ id: 'Filter', description: 'Which records are meant.', examples: [{ json: '/type', equals: 'order' }] });

function* mistakes(map: Written): Generator<[key: string | undefined, sentence: string]> {
  const subjects = (['json', 'header', 'not', 'all', 'any'] as const).filter((key) => map[key] !== undefined);
  const tests = TESTS.filter((key) => map[key] !== undefined);
  const [subject, second] = subjects;
  if (subject === undefined) yield [undefined, `means nothing; write ${FORM}`];
  else if (second !== undefined) yield [second, `does not go with ${subject}; write all: [...] for both`];
  else if (subject !== 'json' && subject !== 'header') {
    if (tests[0]) yield [tests[0], `does not go with ${subject}; write it inside`];
    if (map.of) yield ['of', `does not go with ${subject}; write it inside`];
  } else {
    if (subject === 'header' && map.of) yield ['of', 'does not go with header; leave it out'];
    if (tests.length === 0) yield [undefined, `asks nothing of ${subject}; write one of ${TESTS.join(', ')}`];
    const range = tests.every((test) => test === 'atLeast' || test === 'atMost');
    if (tests.length > 1 && !range) yield [tests[1], `does not go with ${tests[0]}; write all: [...] for both`];
    if (subject === 'header') {
      if (range && tests[0]) yield [tests[0], 'does not go with header, which is text; write equals, in or matches'];
      const values = map.equals === undefined ? (map.in ?? []) : [map.equals];
      const other = values.find((value) => typeof value !== 'string');
      if (other !== undefined) yield [tests[0], `${other} is not text, which a header is; write "${other}"`];
    }
    if ((map.atLeast ?? Number.NEGATIVE_INFINITY) > (map.atMost ?? Number.POSITIVE_INFINITY)) {
      yield ['atMost', `is below atLeast (${map.atLeast}), so that nothing is meant; write them the other way round`];
    }
  }
}

function toFilter(map: Written): FilterSpec {
  if (map.not !== undefined) return { kind: 'not', filter: map.not };
  if (map.all !== undefined) return { kind: 'all', filters: map.all };
  if (map.any !== undefined) return { kind: 'any', filters: map.any };
  const test = toTest(map);
  if (map.header !== undefined) return { kind: 'header', name: map.header, test };
  return { kind: 'json', pointer: map.json ?? '', of: map.of ?? 'value', test };
}

function toTest({ equals, in: values, matches, exists, atLeast, atMost }: Written): Test {
  if (equals !== undefined) return { test: 'in', values: [equals] };
  if (values !== undefined) return { test: 'in', values };
  if (matches !== undefined) return { test: 'matches', pattern: matches };
  if (exists !== undefined) return { test: 'exists', wanted: exists };
  return { test: 'between', ...(atLeast !== undefined && { atLeast }), ...(atMost !== undefined && { atMost }) };
}
