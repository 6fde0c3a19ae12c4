import { z } from 'zod';
import type { StopCondition } from '../core/scenario.js';
import { DURATION, writeDuration } from '../core/units.js';
import { show } from './show.js';
import { quantity, wholeNumber } from './values.js';

const KINDS = ['lagAbove', 'noOutputFor', 'command'] as const;
const EVERY = '10s';

const word = z
  .string({ error: ({ input }) => `${show(input)} is not text; write each word of the command as text` })
  .min(1, { error: 'is empty; write a word of the command' })
  .max(4000, { error: 'is too long; write at most 4000 characters' });

const command = z
  .array(word, { error: ({ input }) => `${show(input)} is not a list of words; write e.g. [./alerts.sh, --firing]` })
  .min(1, { error: 'has no word; write e.g. [./alerts.sh, --firing]' })
  .max(50, { error: 'has too many words; write at most 50' });

/** One entry of `stop`: one condition, and what the run is when it held. */
const conditionSchema = z
  .strictObject(
    {
      lagAbove: wholeNumber(1, 1e12)
        .optional()
        .meta({
          description: 'Records that are acknowledged and not yet in the committed output.',
          examples: [50_000],
        }),
      noOutputFor: quantity(DURATION, { from: '1s', to: '1h' }, '60s')
        .optional()
        .meta({ description: 'No committed record was found for so long.', examples: ['60s'] }),
      command: command.optional().meta({
        description: 'A program and its words; not a line for a shell. An exit other than 0 stops the run.',
        examples: [['./alerts.sh', '--firing']],
      }),
      every: quantity(DURATION, { from: '1s', to: '10min' }, EVERY)
        .optional()
        .meta({ description: `How often the command is run. By default ${EVERY}.`, examples: [EVERY] }),
      verdict: z
        .enum(['failed', 'inconclusive'])
        .optional()
        .meta({ description: 'What the run is when it was stopped. By default failed.', examples: ['failed'] }),
    },
    {
      error: ({ code, input }) =>
        code === 'invalid_type' ? `${show(input)} is not a condition; write e.g. noOutputFor: 60s` : undefined,
    },
  )
  .refine((map) => KINDS.filter((kind) => map[kind] !== undefined).length === 1, {
    error: `is not one condition; write each as an entry of its own: - ${KINDS.join(' | ')}: ...`,
  })
  .refine(({ every, command: words }) => every === undefined || words !== undefined, {
    error: 'is only for a command; leave it out',
    path: ['every'],
  })
  .meta({ oneOf: KINDS.map((kind) => ({ required: [kind] })) })
  .transform(({ lagAbove, noOutputFor, command: words, every, verdict = 'failed' }): StopCondition => {
    if (lagAbove !== undefined) return { kind: 'lagAbove', records: lagAbove, verdict };
    if (noOutputFor !== undefined) return { kind: 'noOutputFor', ms: noOutputFor, verdict };
    return { kind: 'command', command: words ?? [], every: every ?? DURATION.parse(EVERY), verdict };
  });

export const stopSchema = z
  .array(conditionSchema, {
    error: ({ input }) => `${show(input)} is not a list; begin each condition with a dash, e.g. - noOutputFor: 60s`,
  })
  .min(1, { error: 'has no condition; write at least one, or leave it out' })
  .max(10, { error: 'has too many conditions; write at most 10' })
  .optional()
  .meta({
    description:
      'What ends the run at once, with everything healed: looked for from the steady state to the end of the last recovery.',
  });

/** A condition in a few words for people. */
export function stopText(condition: StopCondition): string {
  if (condition.kind === 'lagAbove') return `lag above ${condition.records} records`;
  if (condition.kind === 'noOutputFor') return `no output for ${writeDuration(condition.ms)}`;
  return `${condition.command.join(' ')} exits with other than 0`;
}
