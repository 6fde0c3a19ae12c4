import { z } from 'zod';
import { howLong } from './how-long.js';

export const surgeOptions = z
  .strictObject({
    times: z
      .int({ error: 'is not a whole number; write e.g. 5' })
      .min(2)
      .max(100)
      .meta({ description: 'How many times the usual rate is written.', examples: [5] }),
    duration: howLong('How long.', '10s'),
  })
  .meta({
    description:
      'The workload writes many times its rate for a while, to every lane as ever. Healed by writing at the usual rate.',
  });
export type SurgeOptions = z.output<typeof surgeOptions>;
