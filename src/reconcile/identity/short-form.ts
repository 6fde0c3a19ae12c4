import { FlinchError } from '../../core/error.js';
import type { Form } from './identity-writer.js';
import { type IdentitySpec, identitySchema } from './spec.js';

/** What goes with an Avro field on the command line, where it has options of its own. */
export interface SchemaOptions {
  schemaRegistry?: string | undefined;
  schemaFile?: string | undefined;
  framing?: string | undefined;
}

const GRAMMAR = /^(?:(text|uuid):)?(?:(key)\.(?=json:|avro:|capture:))?(key$|json|header|avro|capture)(?::(.*))?$/s;
const FORM = 'key, json:/order/id, header:x-request-id, avro:order.id or capture:id=(?<id>[0-9a-f-]+)';
const MORE = 'before it perhaps text: or uuid:, and key. to look into the key (key.json:/id)';

/**
 * An identity of one string: `json:/order/id`, `header:x-request-id`, `key`, `avro:order.id`, `capture:...`; several
 * strings are a compound. `uuid:` or `text:` before it is the form, `key.json:` looks into the key.
 * @throws FlinchError USAGE
 */
export function parseIdentity(texts: string | readonly string[], options: SchemaOptions = {}): IdentitySpec {
  const list = typeof texts === 'string' ? [texts] : texts;
  const maps = list.map((text) => toMap(text, options));
  const written = maps.length === 1 ? maps[0] : { all: maps };
  const { data, error } = identitySchema.safeParse(written);
  if (data) return data;
  const issue = error.issues[0];
  const [at, which] = issue?.path ?? [];
  const text = list[at === 'all' && typeof which === 'number' ? which : 0] ?? '';
  throw wrong(text, issue && asOptions(issue.message));
}

function toMap(text: string, options: SchemaOptions): Record<string, unknown> {
  const match = GRAMMAR.exec(text);
  if (!match) throw wrong(text, `is not an identity; write ${FORM}; ${MORE}`);
  const [, as, of, kind, rest] = match as unknown as [string, Form?, 'key'?, string?, string?];
  const form = { ...(as && { as }), ...(of && { of }) };
  if (kind === 'key') return { key: true, ...form };
  if (!rest && !(kind === 'json' && rest === '')) throw wrong(text, `says nothing after ${kind}; write ${FORM}`);
  if (kind !== 'avro') return { [kind as string]: rest, ...form };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { avro: rest, ...form, ...Object.fromEntries(given) };
}

/** The command line has options where a scenario has keys. */
const asOptions = (sentence: string): string =>
  sentence.replaceAll(/\bschemaRegistry\b:?/g, '--schema-registry').replaceAll(/\bschemaFile\b:?/g, '--schema-file');

function wrong(text: string, sentence = 'is not an identity'): FlinchError {
  return new FlinchError('USAGE', { what: `identity ${JSON.stringify(text)}: ${sentence}` });
}
