import { DURATION } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';

/** How long a fault lasts, or something of it. */
export const howLong = (description: string, example: string) =>
  quantity(DURATION, { from: '1s', to: '1h' }, example).meta({ description, examples: [example] });
