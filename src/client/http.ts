import { Agent } from 'node:http';
import type { AxiosError, AxiosResponse } from 'axios';
import { withDeadline } from '../core/deadline.js';
import { type ErrorCode, FlinchError, messageOf } from '../core/error.js';

/**
 * Why a request has no usable answer. `unreachable`: no route. `bad-status`: answered, but not 2xx. `bad-body`: not
 * JSON, not of the expected shape, or too long.
 */
export type HttpFailureKind =
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'unresolved'
  | 'unreachable'
  | 'bad-status'
  | 'bad-body'
  | 'failed';

export interface HttpFailure {
  kind: HttpFailureKind;
  status?: number;
  /** The first 64 KiB characters of the answer. */
  body?: string;
}

export interface RequestOptions {
  /** Milliseconds for the whole exchange: queueing, connecting, answer and body. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  /** Ask over a new connection, e.g. to learn whether the server can be reached at all. */
  fresh?: boolean;
}

/** Turns a JSON answer into a value; what it throws becomes a `bad-body` failure. An empty answer is `undefined`. */
export type BodyReader<T> = (body: unknown) => T;

export interface Http {
  getJson<T>(url: string, read: BodyReader<T>, options: RequestOptions): Promise<T>;
  postJson<T>(url: string, body: unknown, read: BodyReader<T>, options: RequestOptions): Promise<T>;
  /** The answer's body is not looked at. */
  send(method: 'PATCH' | 'PUT' | 'DELETE', url: string, body: unknown, options: RequestOptions): Promise<void>;
  /** Closes every connection. */
  close(): void;
}

export interface HttpOptions {
  /** Code of the errors. */
  code: ErrorCode;
  /** Connections per server. */
  maxSockets?: number | undefined;
  /** Longest accepted answer in bytes. */
  bodyLimit?: number;
  /** One line out of an error's body, for the message. */
  explain?: (body: string) => string;
  /** Sent with every request. */
  headers?: Readonly<Record<string, string>>;
}

const BODY_LIMIT = 16 * 1024 * 1024;
const FAILURE_BODY = 64 * 1024;
const failures = new WeakMap<object, HttpFailure>();

/** What went wrong with the request behind an error of this module; undefined for any other error. */
export function httpFailure(error: unknown): HttpFailure | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}

let loaded: Promise<typeof import('axios')> | undefined;
/** axios takes 74 ms to import, which no command should pay before its first request. */
function loadAxios(): Promise<typeof import('axios')> {
  loaded ??= import('axios');
  return loaded;
}

const KINDS: Record<string, HttpFailureKind> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'timeout',
  ETIMEDOUT: 'timeout',
  ERR_CANCELED: 'timeout',
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  // What connect() reports behind a blackhole route.
  EINVAL: 'unreachable',
};

function kindOf(error: unknown): HttpFailureKind {
  if (error instanceof FlinchError && error.code === 'DEADLINE') return 'timeout';
  const { code, message } = error as Partial<AxiosError>;
  if (code !== undefined && KINDS[code]) return KINDS[code];
  // axios gives a body that is too long and a body that breaks off the same code; only the text differs.
  if (code === 'ERR_BAD_RESPONSE') return /maxContentLength/.test(message ?? '') ? 'bad-body' : 'reset';
  return code?.startsWith('HPE_') ? 'bad-body' : 'failed';
}

/**
 * HTTP with JSON over keep-alive connections. Every call ends within its `timeoutMs`, whatever the server does.
 * Each method throws a FlinchError of the given code, whose details `httpFailure` returns, or the signal's reason.
 */
export function createHttp({ code, maxSockets = 8, bodyLimit = BODY_LIMIT, explain, headers }: HttpOptions): Http {
  // Each connection that is made anew through a port-forward is a request of the API server.
  const agent = new Agent({ keepAlive: true, maxSockets });
  const freshAgent = new Agent({ keepAlive: false });

  async function exchange<T>(
    method: string,
    url: string,
    body: unknown,
    read: BodyReader<T>,
    { timeoutMs, signal, fresh = false }: RequestOptions,
  ): Promise<T> {
    const fail = (what: string, failure: HttpFailure, cause?: unknown): FlinchError => {
      const error = new FlinchError(code, {
        what: `${method} ${what}`,
        on: url,
        ...(cause === undefined ? {} : { cause }),
      });
      failures.set(error, failure);
      return error;
    };
    signal?.throwIfAborted();
    const { default: axios } = await loadAxios();
    const ask = (limit: AbortSignal, httpAgent: Agent): Promise<AxiosResponse<string>> =>
      axios.request<string>({
        method,
        url,
        data: body,
        httpAgent,
        signal: limit,
        // Only a second fence: the deadline's signal also bounds a body that drips.
        timeout: timeoutMs + 500,
        proxy: false,
        maxRedirects: 0,
        maxContentLength: bodyLimit,
        responseType: 'text',
        transformResponse: (text: string) => text,
        validateStatus: () => true,
        headers: { Accept: 'application/json', 'Accept-Encoding': 'identity', ...headers },
      });
    let response: AxiosResponse<string>;
    try {
      response = await withDeadline(
        `${method} ${url}`,
        timeoutMs,
        async (limit) => {
          try {
            return await ask(limit, fresh ? freshAgent : agent);
          } catch (error) {
            // The server may close an idle connection while a request is on its way: that says nothing about it.
            const { code, request } = error as AxiosError;
            const stale = code === 'ECONNRESET' && (request as { reusedSocket?: boolean } | undefined)?.reusedSocket;
            if (method !== 'GET' || !stale || limit.aborted) throw error;
            return await ask(limit, freshAgent);
          }
        },
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      const kind = kindOf(error);
      const why = kind === 'timeout' ? `got no answer within ${timeoutMs} ms` : `failed (${kind}: ${messageOf(error)})`;
      throw fail(why, { kind }, error);
    }
    const { status } = response;
    const text = response.data ?? '';
    const failure = { status, body: text.slice(0, FAILURE_BODY) };
    if (status < 200 || status > 299) {
      const line = (explain ?? ((all: string) => all.slice(0, 200)))(text);
      throw fail(line ? `answered ${status}: ${line}` : `answered ${status}`, { kind: 'bad-status', ...failure });
    }
    try {
      return read(text.trim() === '' ? undefined : JSON.parse(text));
    } catch (error) {
      const why = `answered ${status}, but not as expected: ${messageOf(error)}`;
      throw fail(why, { kind: 'bad-body', ...failure }, error);
    }
  }

  return {
    getJson: (url, read, options) => exchange('GET', url, undefined, read, options),
    postJson: (url, body, read, options) => exchange('POST', url, body, read, options),
    send: (method, url, body, options) => exchange(method, url, body, () => {}, options),
    close: () => {
      agent.destroy();
      freshAgent.destroy();
    },
  };
}
