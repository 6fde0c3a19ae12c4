import { z } from 'zod';
import { howLong } from './how-long.js';

export const nameFailureOptions = z
  .strictObject({
    duration: howLong(
      'How long no name is known. A JVM keeps what it has looked up for 30 s, so that less may not be felt.',
      '60s',
    ),
  })
  .meta({
    description:
      'No node finds the address of another by its name; connections stay. Needs `names: true` in `cluster`. Healed by making the names known again.',
  });
export type NameFailureOptions = z.output<typeof nameFailureOptions>;
