import { z } from 'zod';
import type { IdentitySpec, PartSpec } from '../core/record-spec.js';
import { type AttachedWorkload, type AttachSpec, GUARANTEES } from '../core/scenario.js';
import { DURATION } from '../core/units.js';
import { filterSchema } from '../reconcile/filter-spec.js';
import { identitySchema } from '../reconcile/identity/spec.js';
import { invariantSchema } from './invariant-schema.js';
import { show } from './show.js';
import { quantity, wholeNumber } from './values.js';

const RELATIONS = ['one-to-one', 'one-to-many', 'subset', 'aggregate'] as const;

const text = (what: string, example: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === undefined
      ? `is missing; write ${what}, e.g. ${example}`
      : `${show(input)} is not ${what}; write e.g. ${example}`,
});

const topicName = z
  .string(text('the name of a topic', 'orders'))
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, text('the name of a topic', 'orders'))
  .meta({ description: 'A topic; it is only read.', examples: ['orders'] });

const address = z
  .string(text('the address of a broker', 'kafka-1:9092'))
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/,]+):\d{1,5}$/, text('the address of a broker', 'kafka-1:9092'));

const topicObject = <T extends z.ZodRawShape>(shape: T, example: string) =>
  z.strictObject(shape, {
    error: ({ code, input }) =>
      code === 'invalid_type' ? `${show(input)} is not a topic with its records; write ${example}` : undefined,
  });

const source = topicObject(
  { topic: topicName, identity: identitySchema },
  '{ topic: orders, identity: { json: /order/id } }',
).meta({ description: 'What the job reads.', examples: [{ topic: 'orders', identity: { json: '/order/id' } }] });
const sink = topicObject(
  { topic: topicName, identity: identitySchema.optional() },
  '{ topic: orders-enriched, identity: { json: /orderId } }',
).meta({
  description: 'What the job writes; its records have the identity of the source where none is given.',
  examples: [{ topic: 'orders-enriched', identity: { json: '/orderId' } }],
});

const shape = {
  job: z
    .string(text('the name or id of a job', 'enrich-orders'))
    .min(1, { error: 'is empty; write the name or id of a job, e.g. enrich-orders' })
    .max(500, { error: 'is too long; write the name or id of a job' })
    .meta({ description: 'Name or id of a job that runs on the kept cluster.', examples: ['enrich-orders'] }),
  source,
  sink,
  guarantee: z
    .enum(GUARANTEES)
    .meta({ description: "The sink's delivery guarantee, as the job has it.", examples: ['exactly-once'] }),
  relation: z.enum(RELATIONS).default('one-to-one').meta({
    description:
      'How often each record of the source comes out; `subset` goes with `filter`. `aggregate`: totals by group, with `invariant`.',
  }),
  times: wholeNumber(1, 1_000_000)
    .optional()
    .meta({ description: 'With `one-to-many`: exactly so often. At least once unless told.', examples: [3] }),
  filter: filterSchema.optional().meta({
    description:
      'With `subset`: which records of the source come out; with `aggregate`: which count. As in docs/reconcile.md.',
  }),
  invariant: invariantSchema.optional(),
  patience: quantity(DURATION, { from: '1s', to: '1h' }, '5s')
    .prefault('5s')
    .meta({
      description: 'How long a record may come out later than those that went in behind it; what takes longer is lost.',
      examples: ['5s'],
    }),
  brokers: z
    .array(address, { error: ({ input }) => `${show(input)} is not a list of brokers; write [kafka-1:9092]` })
    .min(1, { error: 'is empty; write at least one broker, or leave it out' })
    .max(100, { error: 'has too many brokers; write at most 100' })
    .optional()
    .meta({ description: "Brokers of both topics; the cluster's own unless told.", examples: [['kafka-1:9092']] }),
};
type Written = z.output<z.ZodObject<typeof shape>>;

const partsOf = (identity: IdentitySpec): PartSpec[] => (identity.kind === 'all' ? identity.parts : [identity]);
const hasPassword = (part: PartSpec): boolean =>
  part.kind === 'avro' && 'schemaRegistry' in part && /^https?:\/\/[^/]*@/.test(part.schemaRegistry);

function* mistakes({
  source: from,
  sink: to,
  relation,
  times,
  filter,
  invariant,
}: Written): Generator<[string[], string]> {
  if (from.topic === to.topic)
    yield [['sink', 'topic'], 'is the topic that the job reads; name the one that it writes'];
  if (relation === 'subset' && filter === undefined) {
    yield [['relation'], 'subset needs a filter; add e.g. filter: { json: /type, equals: order }'];
  }
  if (relation !== 'subset' && relation !== 'aggregate' && filter !== undefined) {
    yield [['filter'], `does not go with ${relation}; set relation to subset, or leave the filter out`];
  }
  if (relation === 'aggregate' && invariant === undefined) {
    yield [['relation'], 'aggregate needs an invariant; add e.g. invariant: { count: { sink: /orders } }'];
  }
  if (relation !== 'aggregate' && invariant !== undefined) {
    yield [['invariant'], `does not go with ${relation}; set relation to aggregate, or leave the invariant out`];
  }
  for (const [side, identity] of [['source', from.identity] as const, ['sink', to.identity] as const]) {
    // The journal and the report show the scenario.
    if (!identity || !partsOf(identity).some(hasPassword)) continue;
    yield [[side, 'identity'], 'names a schema registry with a password, which reports would show; use schemaFile'];
  }
  if (relation !== 'one-to-many' && times !== undefined) {
    yield [['times'], `does not go with ${relation}; set relation to one-to-many, or leave it out`];
  }
}

function toRelation({ relation, times, invariant }: Written): AttachSpec['relation'] {
  if (relation === 'aggregate') return { kind: relation, invariants: invariant ?? [] };
  return relation === 'one-to-many' && times !== undefined ? { kind: relation, times } : { kind: relation };
}

function toAttach(written: Written): AttachSpec {
  const { job, source: from, sink: to, filter, patience, brokers } = written;
  return {
    job,
    source: from,
    sink: { topic: to.topic, identity: to.identity ?? from.identity },
    relation: toRelation(written),
    ...(filter ? { filter } : {}),
    patience,
    ...(brokers ? { brokers } : {}),
  };
}

/** The workload of a job that is somebody else's. */
export const attachedSchema = z
  .strictObject({
    attach: z
      .strictObject(shape, {
        error: ({ code, input }) =>
          code === 'invalid_type' ? `${show(input)} is not a job with its topics; see docs/attach.md` : undefined,
      })
      .superRefine((map, context) => {
        for (const [path, message] of mistakes(map)) context.addIssue({ code: 'custom', message, path });
      })
      .meta({ description: 'A job that runs already, on records that others write.' }),
  })
  .transform(
    ({ attach }): AttachedWorkload => ({ job: 'attached', guarantee: attach.guarantee, attach: toAttach(attach) }),
  );
