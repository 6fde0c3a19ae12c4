import { z } from 'zod';
import { SEEDS } from '../core/pick.js';
import type { FaultSpec } from '../core/scenario.js';
import { DURATION } from '../core/units.js';
import { FAULT_SCHEMAS } from '../fault/schemas.js';
import { clusterSchema } from './cluster-schema.js';
import { objectivesSchema } from './objective-schema.js';
import { type Repeat, repeatSchema } from './repeat-schema.js';
import { show } from './show.js';
import { stopSchema } from './stop-schema.js';
import { quantity, wholeNumber } from './values.js';
import { workloadSchema } from './workload-schema.js';

const faultNames = Object.keys(FAULT_SCHEMAS);
const REPEAT = 'repeat';

/** One entry of `faults`: a map with one key, the fault's name, and perhaps how often. */
export const faultSchema = z
  .strictObject(
    {
      ...Object.fromEntries(
        Object.entries(FAULT_SCHEMAS).map(([name, { schema, summary }]) => [
          name,
          schema.optional().meta({ description: summary }),
        ]),
      ),
      [REPEAT]: repeatSchema,
    },
    {
      error: ({ code, input }) =>
        code === 'invalid_type'
          ? `${show(input)} is not a fault; write e.g. kill: { node: jobmanager.leader }`
          : undefined,
    },
  )
  .refine((map) => Object.keys(map).filter((key) => key !== REPEAT).length === 1, {
    error: `is not one fault; write each as an entry of its own: - ${faultNames.join(' | ')}: {...}`,
  })
  .meta({ oneOf: faultNames.map((fault) => ({ required: [fault] })) })
  .transform(({ [REPEAT]: repeat, ...map }): FaultSpec & { repeat?: Repeat } => {
    const [kind, options] = Object.entries(map)[0] as [string, Record<string, unknown>];
    return { kind, options, ...(repeat ? { repeat: repeat as Repeat } : {}) };
  });

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
    faults: z
      .array(faultSchema, {
        error: ({ input }) =>
          input === undefined
            ? 'is missing; write a list, e.g. - kill: { node: jobmanager.leader }'
            : `${show(input)} is not a list; begin each fault with a dash, e.g. - kill: { node: jobmanager.leader }`,
      })
      .min(1, { error: 'has no fault; write at least one, e.g. - kill: { node: jobmanager.leader }' })
      .max(20, { error: 'has too many faults; write at most 20' })
      .meta({ description: 'What is broken, one after the other.' }),
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
    stop: stopSchema,
    objectives: objectivesSchema,
  })
  .meta({ title: 'Flinch scenario', description: 'One chaos scenario for Apache Flink. See docs/scenario.md.' });

/** What the schema makes of a valid scenario: quantities as numbers, defaults filled in. */
export type Described = z.output<typeof scenarioSchema>;
