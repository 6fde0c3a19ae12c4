import { z } from 'zod';
import { nearest } from '../core/nearest.js';
import { MOMENTS, type Moment, type Trigger } from '../core/scenario.js';
import { show } from './show.js';

const LAG = /^lag > (\d{1,12})$/;
const EXAMPLES = [...MOMENTS, 'lag > 5000'];

function wrong({ input }: { input?: unknown }): string {
  const near = typeof input === 'string' ? nearest(input, EXAMPLES) : undefined;
  const list = `one of ${EXAMPLES.join(', ')}`;
  return `${show(input)} is not something to wait for; ${near === undefined ? `write ${list}` : `did you mean ${near}? It is ${list}`}`;
}

/** `when: checkpoint completed`. */
export const whenSchema = z
  .string({ error: wrong })
  .regex(new RegExp(`^(?:${MOMENTS.join('|')}|${LAG.source.slice(1, -1)})$`), { error: wrong })
  .transform((text): Trigger => {
    const [, records] = LAG.exec(text) ?? [];
    return records === undefined ? { on: text as Moment } : { on: 'lag', above: Number(records) };
  })
  .optional()
  .meta({
    description:
      'What the system has to do of itself before the fault is injected. Looked for from when the fault before it is over, in `together` from when that is effective; not seen within 2min, the run is inconclusive.',
    examples: EXAMPLES,
  });

/** What is waited for, as it is written. */
export const triggerText = (trigger: Trigger): string => (trigger.on === 'lag' ? `lag > ${trigger.above}` : trigger.on);
