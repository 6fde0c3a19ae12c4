import { type Clock, systemClock } from '../core/clock.js';
import { FlinchError, messageOf } from '../core/error.js';
import { type Fields, fieldsOf, listOf, numberOf, optionalTextOf, textOf } from './flink/shape.js';
import { createHttp, type Http, httpFailure } from './http.js';

/** Milliseconds for one exchange; what got no answer is asked again while there is time. */
const CALL_TIMEOUT = 3000;
const PAUSE = 200;
/** Schemas that one schema may need, itself included. */
const MOST_REFERENCES = 200;

export interface SchemaRegistryOptions {
  /** Base URL; may hold `user:password@`. A path is kept, e.g. `/apis/ccompat/v7`. */
  url: string;
  /** Basic authentication; goes before what the URL holds. */
  user?: string;
  password?: string;
  /** Milliseconds for one schema with all it refers to; 10 s unless told. */
  timeoutMs?: number;
  clock?: Clock;
}

/** A schema registry with Confluent's REST API. */
export interface SchemaRegistry {
  /** Without credentials. */
  readonly url: string;
  /**
   * The Avro schema of that id as JSON, last; before it, in an order that can be parsed, the schemas it refers to.
   * Kept, so that it is asked for once.
   * @throws FlinchError SCHEMA_REGISTRY, see `schemaFailure`; the signal's reason.
   */
  schema(id: number, signal?: AbortSignal): Promise<readonly string[]>;
  close(): void;
}

/** `away`: no usable answer. `unknown`: no schema of that id. `not-avro`: a schema of another kind. */
export type SchemaFailure = 'away' | 'unknown' | 'not-avro';
const failures = new WeakMap<object, SchemaFailure>();

/** What is wrong behind an error of this module; undefined for any other error. */
export function schemaFailure(error: unknown): SchemaFailure | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}

/** What the registry answers for something that it does not have: schema, version, subject. */
const NOT_FOUND = [40403, 40402, 40401];

/** @throws FlinchError USAGE when the URL is not one. Asks nothing yet. */
export function openSchemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const { timeoutMs = 10_000, clock = systemClock } = options;
  const { url, user, password } = addressOf(options);
  const secret = Buffer.from(`${user}:${password}`).toString('base64');
  const headers: Record<string, string> = {
    Accept: 'application/vnd.schemaregistry.v1+json, application/json',
    ...(user === '' && password === '' ? {} : { Authorization: `Basic ${secret}` }),
  };
  const http: Http = createHttp({ code: 'SCHEMA_REGISTRY', maxSockets: 2, headers, explain: errorLine });
  const known = new Map<number, readonly string[]>();

  /** An answer may repeat what it was sent. The cause is left out: axios keeps the request's headers in it. */
  function fail(failure: SchemaFailure, what: string, todo?: string): FlinchError {
    let safe = what.replaceAll(secret, '***');
    if (password !== '') safe = safe.replaceAll(password, '***');
    const error = new FlinchError('SCHEMA_REGISTRY', { what: safe, ...(todo === undefined ? {} : { todo }) });
    failures.set(error, failure);
    return error;
  }

  async function ask(path: string, what: string, until: number, signal?: AbortSignal): Promise<Fields> {
    // Of the try before: one that the end of the time cut off has less to tell.
    let before: unknown;
    for (;;) {
      try {
        const left = Math.max(1, Math.ceil(until - clock.mono()));
        return await http.getJson(url + path, fieldsOf, { timeoutMs: Math.min(CALL_TIMEOUT, left), signal });
      } catch (error) {
        signal?.throwIfAborted();
        const { kind, status, body } = httpFailure(error) ?? { kind: 'failed' };
        if (status === 404 && NOT_FOUND.includes(errorCode(body))) {
          throw fail('unknown', `the schema registry ${url} has no ${what}`);
        }
        if (status === 401 || status === 403) {
          throw fail('away', `the schema registry refuses: ${messageOf(error)}`, 'check its user and password');
        }
        const final = kind === 'bad-body' || (kind === 'bad-status' && status !== 429 && (status ?? 0) < 500);
        if (final || clock.mono() + PAUSE >= until) {
          const todo = final ? 'check that the URL is that of a schema registry' : undefined;
          const told = kind === 'timeout' ? (before ?? error) : error;
          throw fail('away', `the schema registry gave no ${what}: ${messageOf(told)}`, todo);
        }
        before = error;
        await clock.sleep(PAUSE, signal);
      }
    }
  }

  /** Adds what a schema refers to, depth first, each once. */
  async function gather(
    answer: Fields,
    what: string,
    until: number,
    seen: Set<string>,
    texts: string[],
    signal?: AbortSignal,
  ) {
    let text: string;
    let references: { subject: string; version: number }[];
    try {
      const type = optionalTextOf(answer, 'schemaType') ?? 'AVRO';
      if (type !== 'AVRO') throw fail('not-avro', `${what} of the schema registry ${url} is ${type}, not Avro`);
      text = textOf(answer, 'schema');
      const list = answer.references === undefined || answer.references === null ? [] : listOf(answer, 'references');
      references = list.map((to) => ({ subject: textOf(to, 'subject'), version: numberOf(to, 'version') }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw fail('away', `the schema registry ${url} answered for ${what}, but not as expected: ${error.message}`);
    }
    for (const { subject, version } of references) {
      const name = `version ${version} of subject ${subject}`;
      if (seen.has(name)) continue;
      seen.add(name);
      if (seen.size >= MOST_REFERENCES)
        throw fail('not-avro', `${what} refers to more than ${MOST_REFERENCES} schemas`);
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
      await gather(await ask(path, name, until, signal), name, until, seen, texts, signal);
    }
    texts.push(text);
  }

  return {
    url,
    async schema(id, signal) {
      const before = known.get(id);
      if (before) return before;
      const until = clock.mono() + timeoutMs;
      const texts: string[] = [];
      const what = `schema ${id}`;
      await gather(await ask(`/schemas/ids/${id}`, what, until, signal), what, until, new Set(), texts, signal);
      known.set(id, texts);
      return texts;
    },
    close: () => http.close(),
  };
}

function addressOf({ url: text, user, password }: SchemaRegistryOptions) {
  let url: URL;
  try {
    url = new URL(text);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('not HTTP');
  } catch {
    // Not even the wrong text is shown: it may hold a password.
    const what = 'the URL of the schema registry is not one';
    throw new FlinchError('USAGE', { what, todo: 'write e.g. http://registry:8081' });
  }
  return {
    url: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    user: user ?? decodeURIComponent(url.username),
    password: password ?? decodeURIComponent(url.password),
  };
}

function errorFields(body: string | undefined): Fields {
  try {
    return fieldsOf(JSON.parse(body ?? ''));
  } catch {
    return {};
  }
}
const errorCode = (body: string | undefined): number => Number(errorFields(body).error_code);
const errorLine = (body: string): string => String(errorFields(body).message ?? body.slice(0, 200));
