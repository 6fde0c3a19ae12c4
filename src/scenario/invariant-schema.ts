import { z } from 'zod';
import type { InvariantSpec } from '../core/record-spec.js';
import { pointerText } from '../reconcile/identity/spec.js';
import { show } from './show.js';

const FORM = '{ count: { sink: /orders } } or sum, max, min with { source: /amount, sink: /total }';

const pointer = (of: string, example: string) =>
  pointerText.meta({ description: `JSON pointer to the number in the value of the ${of}.`, examples: [example] });
const one = <T extends z.ZodRawShape>(shape: T, example: string, description: string) =>
  z
    .strictObject(shape, {
      error: ({ code, input }) =>
        code === 'invalid_type' ? `${show(input)} does not say where its numbers are; write ${example}` : undefined,
    })
    .optional()
    .meta({ description });

const both = { source: pointer('source', '/amount'), sink: pointer('sink', '/total') };
const tolerance = z
  .number({ error: ({ input }) => `${show(input)} is not a number; write e.g. 0.01` })
  .min(0, { error: ({ input }) => `${show(input)} is below 0; write e.g. 0.01` })
  .optional()
  .meta({ description: 'How far the two may be apart, for sums of floating-point numbers; 0 unless told.' });

/** What the sink says of each group, as a scenario writes it. */
export const invariantSchema = z
  .strictObject(
    {
      count: one({ sink: both.sink }, '{ sink: /orders }', 'COUNT(*) of its records.'),
      sum: one({ ...both, tolerance }, '{ source: /amount, sink: /total }', 'SUM of a number; exact decimals.'),
      max: one(both, '{ source: /at, sink: /latest }', 'MAX of a number.'),
      min: one(both, '{ source: /at, sink: /first }', 'MIN of a number.'),
    },
    {
      error: ({ code, input }) =>
        code === 'invalid_type' ? `${show(input)} is not an invariant; write ${FORM}` : undefined,
    },
  )
  .refine((map) => Object.values(map).some((it) => it !== undefined), {
    error: `says nothing of the sink; write ${FORM}`,
  })
  .transform(({ count, sum, max, min }): InvariantSpec[] => [
    ...(count ? [{ kind: 'count', ...count } as const] : []),
    ...(sum ? [{ kind: 'sum', source: sum.source, sink: sum.sink, tolerance: sum.tolerance ?? 0 } as const] : []),
    ...(max ? [{ kind: 'max', ...max } as const] : []),
    ...(min ? [{ kind: 'min', ...min } as const] : []),
  ])
  .meta({
    description: 'With `aggregate`: what each record of the sink says of its group; at least one.',
    examples: [{ count: { sink: '/orders' } }],
  });
