import { z } from 'zod';
import { GUARANTEES, JOBS } from '../core/scenario.js';
import { DURATION, RATE, SIZE } from '../core/units.js';
import { attachedSchema } from './attach-schema.js';
import { show } from './show.js';
import { quantity, settings, wholeNumber } from './values.js';

/** Producer settings that another key of the scenario decides. */
const DECIDED_BY: Readonly<Record<string, string>> = {
  'transaction.timeout.ms': 'use workload.transactionTimeout',
  'transactional.id': 'use workload.guarantee',
  'bootstrap.servers': 'leave it out, it follows from the brokers',
};
const sinkSettings = settings((key) => DECIDED_BY[key]);

/** A job of Flinch's own, its load, and what it promises. */
export const builtInSchema = z
  .strictObject({
    job: z.enum(JOBS).meta({
      description:
        "The built-in Flink SQL job: `pass-through` copies each record; `count` keeps COUNT and MAX of each lane, a running check of the job's state.",
      examples: ['pass-through'],
    }),
    guarantee: z.enum(GUARANTEES).meta({
      description: "The sink's delivery guarantee. It also decides which losses and duplicates are illegal.",
      examples: ['exactly-once'],
    }),
    rate: quantity(RATE, { from: '1/s', to: '100000/s' }, '1000/s').meta({
      description: 'Records over all lanes.',
      examples: ['1000/s'],
    }),
    recordSize: quantity(SIZE, { from: '0B', to: '64KiB' }, '100B')
      .prefault('0B')
      .meta({
        description: "Each record's value is filled up to this size; a record is never shorter than its numbers.",
        examples: ['100B'],
      }),
    checkpoints: quantity(DURATION, { from: '100ms', to: '1h' }, '"every 2s"', 'every')
      .prefault('every 2s')
      .meta({ description: 'Time between checkpoints.', examples: ['every 2s'] }),
    parallelism: wholeNumber(1, 64)
      .default(2)
      .meta({ description: 'Parallelism of the job.', examples: [2] }),
    lanes: wholeNumber(1, 1024)
      .default(8)
      .meta({ description: 'Sequences without gaps; each lane is written to one partition.', examples: [8] }),
    partitions: wholeNumber(1, 64)
      .default(4)
      .meta({ description: 'Partitions of the input and of the output topic.', examples: [4] }),
    stateBackend: z
      .enum(['rocksdb', 'hashmap'])
      .default('rocksdb')
      .meta({ description: "Flink's state backend.", examples: ['rocksdb'] }),
    transactionTimeout: quantity(DURATION, { from: '1s', to: '1h' }, '10min')
      .prefault('10min')
      .meta({
        description: "The sink's transaction.timeout.ms; an outage that is longer loses data.",
        examples: ['10min'],
      }),
    sinkConfig: sinkSettings.default({}).meta({
      description: "The sink's Kafka producer settings on top of the connector's; flat keys.",
      examples: [{ 'linger.ms': 4000 }],
    }),
  })
  .meta({ description: 'The job, its load, and what it promises.' });

/** A job of Flinch's own, or one that runs already. */
export const workloadSchema = z
  .union([builtInSchema, attachedSchema], {
    error: ({ code, input }) =>
      code === 'invalid_union' && (typeof input !== 'object' || input === null || Array.isArray(input))
        ? `${input === undefined ? 'is missing' : `${show(input)} is not a workload`}; write e.g. { job: pass-through, guarantee: exactly-once, rate: 1000/s }`
        : undefined,
  })
  .meta({ description: 'The job, its load, and what it promises; or `attach` to a job that runs already.' });
