import { z } from 'zod';
import type { IdentitySpec, PartSpec, SchemaSource } from '../../core/record-spec.js';
import { capturePattern, GROUP } from './capture.js';
import { FORMS } from './identity-writer.js';
import { parsePointer } from './json-pointer.js';
import { notA, shown } from './speech.js';

export type { IdentitySpec, PartSpec, SchemaSource } from '../../core/record-spec.js';

export const FRAMINGS = ['confluent', 'none'] as const;
export type Framing = (typeof FRAMINGS)[number];
const KINDS = ['json', 'header', 'key', 'avro', 'capture'] as const;
const FORM =
  '{ json: /order/id }, { header: x-request-id }, { key: true }, { avro: order.id, ... }, { capture: "..." }';

/** A JSON pointer as it is written; checked. */
export const pointerText = z
  .string(notA('a JSON pointer', 'text, e.g. /order/id'))
  .superRefine((text, context) => {
    const steps = parsePointer(text);
    if (typeof steps === 'string') {
      const right = text.startsWith('/') || text.startsWith('$') ? 'a JSON pointer, e.g. /order/id' : `/${text}`;
      context.addIssue({ code: 'custom', message: `${shown(text)} ${steps}; write ${right}`, input: text });
    }
  })
  .meta({ description: 'A JSON pointer (RFC 6901).', examples: ['/order/id'] });

export const headerName = z
  .string(notA('the name of a header', 'text, e.g. x-request-id'))
  .min(1, { error: 'is empty; write the name of a header, e.g. x-request-id' })
  .meta({ description: 'The name of a record header; the last one of that name counts.', examples: ['x-request-id'] });

export const partOf = z
  .enum(['value', 'key'], notA('a part of a record', 'value or key'))
  .optional()
  .meta({ description: 'What is looked into; the value unless told.' });

const avroPath = z
  .string(notA('the path of an Avro field', 'text, e.g. order.id'))
  .regex(/^[^.\s]+(\.[^.\s]+)*$/, notA('the path of an Avro field', 'names with dots between them, e.g. order.id'))
  .meta({ description: 'The path of an Avro field (or of the key of a map).', examples: ['order.id'] });

const capture = z
  .string(notA('a regular expression', `text, e.g. "id=(?<${GROUP}>[0-9a-f-]+)"`))
  .superRefine((text, context) => {
    const pattern = capturePattern(text);
    if (typeof pattern !== 'string') return;
    const message = `${shown(text)} ${pattern}; write e.g. "id=(?<${GROUP}>[0-9a-f-]+)"`;
    context.addIssue({ code: 'custom', message, input: text });
  })
  .meta({
    description: `A regular expression over the text, with a group named \`${GROUP}\`; its first match counts.`,
    examples: [`id=(?<${GROUP}>[0-9a-f-]+)`],
  });

/** Never shown in a message: it may hold a password. */
const registryUrl = z
  .string({ error: 'is not the URL of a schema registry; write e.g. http://registry:8081' })
  .regex(/^https?:\/\/[^\s/]+\S*$/, { error: 'is not the URL of a schema registry; write e.g. http://registry:8081' })
  .meta({ description: 'URL of a schema registry; may hold user:password@.', examples: ['http://registry:8081'] });

const shape = {
  json: pointerText.optional(),
  header: headerName.optional(),
  key: z
    .literal(true, notA('a way to name the key', 'key: true'))
    .optional()
    .meta({ description: 'The whole key, byte by byte.' }),
  avro: avroPath.optional(),
  capture: capture.optional(),
  of: partOf,
  as: z.enum(FORMS, notA('a form', 'text, uuid or typed')).optional().meta({
    description: '`typed`: the number 7 and the text "7" differ. `text`: they do not. `uuid`: however it is spelt.',
  }),
  schemaRegistry: registryUrl.optional(),
  schemaFile: z
    .string(notA('the path of a file', 'text, e.g. order.avsc'))
    .min(1, { error: 'is empty; write the path of an Avro schema, e.g. order.avsc' })
    .optional()
    .meta({ description: 'An Avro schema as JSON; relative to the scenario.', examples: ['order.avsc'] }),
  framing: z
    .enum(FRAMINGS, notA('a framing', 'confluent or none'))
    .optional()
    .meta({ description: '`none`: values without the five bytes that name a schema. `confluent` unless told.' }),
};
type Shape = z.output<ReturnType<typeof plainPart>>;
const plainPart = () => z.strictObject(shape, notA('an identity', `one of ${FORM}`));

/** What is wrong: the key, undefined for the whole, and a sentence. */
type Mistake = [key: string | undefined, sentence: string];

/** What must go together, and what must not. */
function* mistakes(map: Shape): Generator<Mistake> {
  const [kind, ...more] = KINDS.filter((name) => map[name] !== undefined);
  if (kind === undefined) {
    yield [undefined, `names no identity; write one of ${FORM}`];
    return;
  }
  if (more.length > 0) {
    const both = [kind, ...more].join(' and ');
    yield [undefined, `is ${both} at once; write { all: [...] } for several`];
    return;
  }
  const within = kind === 'json' || kind === 'avro' || kind === 'capture';
  if (map.of !== undefined && !within) yield ['of', `does not go with ${kind}; leave it out`];
  if (kind !== 'avro') {
    for (const key of ['schemaRegistry', 'schemaFile', 'framing'] as const) {
      if (map[key] !== undefined) yield [key, `does not go with ${kind}, only with avro; leave it out`];
    }
  } else if ((map.schemaRegistry === undefined) === (map.schemaFile === undefined)) {
    const which = map.schemaFile === undefined ? 'names no schema' : 'names two sources of its schema';
    yield [undefined, `${which}; write either schemaRegistry: http://registry:8081 or schemaFile: order.avsc`];
  } else if (map.framing === 'none' && map.schemaFile === undefined) {
    yield ['framing', 'none leaves no schema id in the records; write schemaFile: order.avsc, not schemaRegistry'];
  }
}

function toPart(map: Shape): PartSpec {
  const as = map.as ?? 'typed';
  const of = map.of ?? 'value';
  if (map.json !== undefined) return { kind: 'json', pointer: map.json, of, as };
  if (map.header !== undefined) return { kind: 'header', name: map.header, as };
  if (map.capture !== undefined) return { kind: 'capture', pattern: map.capture, of, as };
  if (map.avro === undefined) return { kind: 'key', as };
  const source: SchemaSource =
    map.schemaRegistry === undefined
      ? { schemaFile: map.schemaFile ?? '', framing: map.framing ?? 'confluent' }
      : { schemaRegistry: map.schemaRegistry };
  return { kind: 'avro', path: map.avro.split('.'), of, as, ...source };
}

function tell(found: Iterable<Mistake>, context: z.core.$RefinementCtx): void {
  for (const [key, message] of found) {
    context.addIssue({ code: 'custom', message, ...(key === undefined ? {} : { path: [key] }) });
  }
}

const partSchema = plainPart()
  .superRefine((map, context) => tell(mistakes(map), context))
  .transform(toPart);

function* mistakesOfAll({ all, ...map }: Shape & { all?: unknown }): Generator<Mistake> {
  if (all === undefined) return yield* mistakes(map);
  const other = Object.entries(map).find(([, value]) => value !== undefined);
  if (other) yield [other[0], 'does not go with all; write it inside one of its entries'];
}

/** The identity of a record, as a scenario writes it. */
export const identitySchema = z
  .strictObject(
    {
      ...shape,
      all: z
        .array(partSchema, notA('a list of identities', '[{ json: /order/id }, { header: line }]'))
        .min(2, { error: 'has fewer than two identities; write at least two, or the one without all' })
        .max(8, { error: 'has too many identities; write at most 8' })
        .optional()
        .meta({ description: 'Several identities that only together are one.' }),
    },
    notA('an identity', `one of ${FORM}`),
  )
  .superRefine((map, context) => tell(mistakesOfAll(map), context))
  .transform(({ all, ...map }): IdentitySpec => (all === undefined ? toPart(map) : { kind: 'all', parts: all }))
  .meta({ description: 'Where the identity of a record is found.', examples: [{ json: '/order/id' }] });
