import { z } from 'zod';
import { SEEDS } from '../core/pick.js';
import { DURATION } from '../core/units.js';
import { clusterSchema } from './cluster-schema.js';
import { faultsSchema } from './fault-schema.js';
import { guardsSchema } from './guards-schema.js';
import { objectivesSchema } from './objective-schema.js';
import { show } from './show.js';
import { stopSchema } from './stop-schema.js';
import { quantity, wholeNumber } from './values.js';
import { workloadSchema } from './workload-schema.js';

const name = z
  .string({
    error: ({ input }) =>
      input === undefined
        ? 'is missing; write its name, e.g. kill-leader'
        : `${show(input)} is not a name; write text, e.g. kill-leader`,
  })
  .max(60, { error: 'is too long; write at most 60 characters' })
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
    error: ({ input }) => `${show(input)} is not a name; write lower-case words with dashes, e.g. kill-leader`,
  })
  .meta({
    description: 'Name of the scenario; also names its suite and its run folders.',
    examples: ['kill-leader-jobmanager'],
  });

const title = z
  .string({ error: ({ input }) => `${show(input)} is not text; write one line` })
  .min(1, { error: 'is empty; write one line, or leave it out' })
  .max(160, { error: 'is too long; write at most 160 characters' })
  .regex(/^\P{Cc}*$/u, { error: 'has a line break or control character; write it on one line' })
  .optional()
  .meta({ description: 'One line for people. By default the name.', examples: ['The leading JobManager is killed'] });

const steadyState = z
  .strictObject({
    hold: quantity(DURATION, { from: '1s', to: '1h' }, '10s')
      .prefault('10s')
      .meta({ description: 'How long the cluster must be steady before the first fault.', examples: ['10s'] }),
    within: quantity(DURATION, { from: '1s', to: '2h' }, '60s')
      .prefault('60s')
      .meta({ description: 'When it must have been; later the run is inconclusive.', examples: ['60s'] }),
  })
  .prefault({})
  .meta({ description: 'Healthy before anything is broken: tasks running, checkpoints completing, output flowing.' });

/** The whole language. Its input side is the JSON schema that editors use. */
export const scenarioSchema = z
  .strictObject({
    scenario: name,
    title,
    cluster: clusterSchema,
    workload: workloadSchema,
    steadyState,
    faults: faultsSchema,
    seed: wholeNumber(0, SEEDS - 1)
      .optional()
      .meta({
        description:
          'What chooses where a fault leaves it to chance (`.any`); the same seed chooses the same. By default a new one for each run.',
        examples: [42],
      }),
    allow: z
      .array(z.enum(['storage']))
      .max(1)
      .optional()
      .meta({
        description:
          "What faults may touch only where it is allowed here. `storage`: the disk of checkpoints and of the high-availability store's files, from which jobs are restored.",
        examples: [['storage']],
      }),
    guards: guardsSchema,
    stop: stopSchema,
    objectives: objectivesSchema,
  })
  .meta({ title: 'Flinch scenario', description: 'One chaos scenario for Apache Flink. See docs/scenario.md.' });

/** What the schema makes of a valid scenario: quantities as numbers, defaults filled in. */
export type Described = z.output<typeof scenarioSchema>;
