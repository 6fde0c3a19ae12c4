import { z } from 'zod';
import { howLong } from './how-long.js';

const EXPECTED = ['completed', 'failed', 'either'] as const;
/** How an operation is expected to end. */
export type Expected = (typeof EXPECTED)[number];

export const expectedEnd = z
  .enum(EXPECTED)
  .prefault('completed')
  .meta({
    description:
      'How it is to end; what ended otherwise fails the run. `either` goes with a fault that may or may not prevent it.',
    examples: ['completed'],
  });

const away = howLong('How long the job stays away before it is started again.', '5s').optional();

const parallelism = z
  .int({ error: 'is not a whole number; write e.g. 4' })
  .min(1)
  .max(64)
  .optional()
  .meta({ description: 'Parallelism of the job that is started again; as before unless told.', examples: [4] });

export const savepointOptions = z
  .strictObject({ expect: expectedEnd })
  .meta({ description: 'Flink is asked for a savepoint. Nothing of the job has to be healed.' });
export type SavepointOptions = z.output<typeof savepointOptions>;

export const stopJobOptions = z
  .strictObject({ duration: away, parallelism, expect: expectedEnd })
  .meta({ description: 'The job is stopped with a savepoint. Healed by starting it again from there.' });
export type StopJobOptions = z.output<typeof stopJobOptions>;

export const cancelJobOptions = z.strictObject({ duration: away, parallelism, expect: expectedEnd }).meta({
  description: 'The job is cancelled. Healed by starting it again from its latest completed checkpoint.',
});
export type CancelJobOptions = z.output<typeof cancelJobOptions>;

export const rescaleOptions = z
  .strictObject({
    to: z
      .int({ error: 'is not a whole number; write e.g. 4' })
      .min(1)
      .max(64)
      .meta({ description: 'How many subtasks each vertex is to have.', examples: [4] }),
    expect: expectedEnd,
  })
  .meta({
    description:
      'The adaptive scheduler (`jobmanager.scheduler: adaptive`) is told to run the job with another parallelism, as an autoscaler tells it. Nothing of the job has to be healed.',
  });
export type RescaleOptions = z.output<typeof rescaleOptions>;

export const restoreChangedOptions = z
  .strictObject({
    expect: expectedEnd.prefault('failed').meta({
      description: 'How the start of the changed job is to end; `failed` is what Flink promises.',
      examples: ['failed'],
    }),
  })
  .meta({
    description:
      'The job is stopped with a savepoint, and one whose state has another schema is started from there, which Flink has to refuse. Healed by starting the job as it was.',
  });
export type RestoreChangedOptions = z.output<typeof restoreChangedOptions>;
