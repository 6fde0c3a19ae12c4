import { z } from 'zod';
import type { Guards } from '../core/scenario.js';
import { DURATION } from '../core/units.js';
import { quantity, wholeNumber } from './values.js';

/** What holds beside somebody else's job, and on somebody else's cluster, unless the scenario says otherwise. */
export const BESIDE_OTHERS: Guards = { remain: 1, standby: true, freeSlots: 0, longest: 5 * 60_000 };
/** What holds on a cluster of Flinch's own, where there is nobody to be disturbed. */
const ON_ITS_OWN: Guards = { remain: 0, standby: false, freeSlots: 0, longest: 60 * 60_000 };

export const guardsSchema = z
  .strictObject({
    remain: wholeNumber(0, 64)
      .optional()
      .meta({
        description:
          "How many nodes of its role a fault that takes nodes away has to leave running. By default 1 beside a job that is not Flinch's own (`attach`) and, where the scenario has no `guards`, on Kubernetes; else 0.",
        examples: [1],
      }),
    standby: z
      .boolean({ error: 'is neither true nor false' })
      .optional()
      .meta({
        description:
          'Whether the leading JobManager is only taken away where another one contends. By default so with `attach` and, where the scenario has no `guards`, on Kubernetes; else not.',
        examples: [true],
      }),
    freeSlots: wholeNumber(0, 10_000)
      .optional()
      .meta({
        description: 'How many slots have to be free before a TaskManager is taken away. By default 0.',
        examples: [2],
      }),
    longest: quantity(DURATION, { from: '1s', to: '1h' }, '5min')
      .optional()
      .meta({
        description: 'The longest duration that a fault may have. By default 5min with `attach`, else 1h.',
        examples: ['5min'],
      }),
  })
  .optional()
  .meta({
    description:
      'What faults must leave alone: looked at before each of them is injected, and by `--dry-run`. A fault that a guard refuses is not injected, and the run is inconclusive.',
  });

/** Guards with what holds where they say nothing. */
export const guardsOf = (written: z.output<typeof guardsSchema>, attached: boolean): Guards => {
  const base = attached ? BESIDE_OTHERS : ON_ITS_OWN;
  return { ...base, ...Object.fromEntries(Object.entries(written ?? {}).filter(([, value]) => value !== undefined)) };
};
