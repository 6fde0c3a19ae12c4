import { z } from 'zod';
import { DURATION } from '../core/units.js';
import { show } from './show.js';

const MOST = 50;
const [SHORTEST, LONGEST] = ['1s', '1h'];
const form = `write how often and how far apart, from 2 to ${MOST} times, e.g. 10 every 20s`;
const wrong = ({ input }: { input?: unknown }): string => `${show(input)} is not a repetition; ${form}`;

/** How often a fault is injected. */
export interface Repeat {
  times: number;
  /** Milliseconds from one injection to the next, at least. */
  every: number;
}

/** `repeat: 10 every 20s`. */
export const repeatSchema = z
  .string({ error: wrong })
  .regex(new RegExp(`^\\d+ every ${DURATION.pattern.source.slice(1)}`), { error: wrong })
  .transform((text, context): Repeat => {
    const [count = '', distance = ''] = text.split(' every ');
    const times = Number(count);
    const every = DURATION.parse(distance);
    const apart = every >= DURATION.parse(SHORTEST) && every <= DURATION.parse(LONGEST);
    if (times >= 2 && times <= MOST && apart) return { times, every };
    const message = apart
      ? `${times} times is out of range; ${form}`
      : `${show(distance)} is out of range; write a duration from ${SHORTEST} to ${LONGEST}`;
    context.issues.push({ code: 'custom', message, input: text });
    return z.NEVER;
  })
  .optional()
  .meta({
    description: `Injects the fault again and again, each time with its recovery and healing. \`10 every 20s\` is ten times, 20s from one injection to the next, or as much more as the recovery takes.`,
    examples: ['10 every 20s'],
  });
