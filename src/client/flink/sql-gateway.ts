import { type Clock, systemClock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { createHttp, type Http, httpFailure } from '../http.js';
import { rootCauseOfBody } from './root-cause.js';
import { type Fields, fieldsOf, listOf, optionalTextOf, textOf } from './shape.js';

/** v3 is served by every Flink from 1.20 to 2.3. */
const API = '/v3';
/** Milliseconds for one exchange; planning a statement happens behind it, so this is only a fence against hangs. */
const CALL_TIMEOUT = 15_000;
const NOT_READY_PAUSE = 50;
const GOODBYE_TIMEOUT = 2000;

export interface SqlResult {
  columns: string[];
  rows: unknown[][];
  /** Of an INSERT. */
  jobId?: string;
}

export interface SqlLimits {
  /** Milliseconds for the whole statement. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** A session of the SQL gateway. Every call throws a FlinchError SQL_GATEWAY, or the signal's reason. */
export interface SqlSession {
  readonly handle: string;
  /** Runs a statement to its end. A statement that does not end in its time is cancelled. */
  run(statement: string, limits: SqlLimits): Promise<SqlResult>;
  /** Runs an INSERT and returns the job's id. */
  insert(statement: string, limits: SqlLimits): Promise<string>;
  /** Keeps the session from its idle timeout (10 min by default). */
  heartbeat(signal?: AbortSignal): Promise<void>;
  /** Closes the session, as far as the gateway answers within 2 s; never throws. */
  close(): Promise<void>;
}

export interface OpenSessionOptions extends SqlLimits {
  name?: string;
  /** What `SET` would set. */
  properties?: Readonly<Record<string, string>>;
  clock?: Clock;
}

interface Page {
  type: 'NOT_READY' | 'PAYLOAD' | 'EOS';
  columns: string[];
  rows: unknown[][];
  next?: string;
  jobId?: string;
}

function readPage(body: unknown): Page {
  const fields = fieldsOf(body);
  const type = textOf(fields, 'resultType');
  if (type !== 'NOT_READY' && type !== 'PAYLOAD' && type !== 'EOS') throw new TypeError(`resultType is "${type}"`);
  const results = type === 'NOT_READY' ? { columns: [], data: [] } : fieldsOf(fields.results, '"results"');
  const next = optionalTextOf(fields, 'nextResultUri');
  if (type !== 'EOS' && next === undefined) throw new TypeError('"nextResultUri" is missing');
  const jobId = optionalTextOf(fields, 'jobID');
  return {
    type,
    columns: listOf(results, 'columns').map((column) => textOf(column, 'name')),
    rows: listOf(results, 'data').map(rowOf),
    ...(next !== undefined && { next }),
    ...(jobId !== undefined && { jobId }),
  };
}

function rowOf(row: Fields): unknown[] {
  if (!Array.isArray(row.fields)) throw new TypeError('"fields" of a row is not a list');
  return row.fields;
}

const isJobId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);

/** @param gateway base URL, e.g. `http://10.77.0.51:8083` */
export async function openSqlSession(
  gateway: string,
  { name = 'flinch', properties = {}, clock = systemClock, timeoutMs, signal }: OpenSessionOptions,
): Promise<SqlSession> {
  const base = gateway.replace(/\/+$/, '');
  const http: Http = createHttp({ code: 'SQL_GATEWAY', explain: rootCauseOfBody });
  const ask = (limit?: AbortSignal, ms = CALL_TIMEOUT) => ({ timeoutMs: ms, signal: limit });
  let handle: string;
  try {
    const body = { sessionName: name, properties };
    const answer = (value: unknown) => textOf(fieldsOf(value), 'sessionHandle');
    handle = await http.postJson(`${base}${API}/sessions`, body, answer, ask(signal, timeoutMs));
  } catch (error) {
    http.close();
    throw error;
  }
  const session = `${base}${API}/sessions/${handle}`;

  async function pages(statement: string, limit: AbortSignal, onOperation: (url: string) => void): Promise<SqlResult> {
    const answer = (value: unknown) => textOf(fieldsOf(value), 'operationHandle');
    const operation = await http.postJson(`${session}/statements`, { statement }, answer, ask(limit));
    onOperation(`${session}/operations/${operation}`);
    const found: SqlResult = { columns: [], rows: [] };
    let url = `${session}/operations/${operation}/result/0?rowFormat=JSON`;
    for (;;) {
      const page = await http.getJson(url, readPage, ask(limit));
      if (page.columns.length > 0) found.columns = page.columns;
      // Not push(...rows): a page may have more rows than a call may have arguments.
      for (const row of page.rows) found.rows.push(row);
      if (isJobId(page.jobId)) found.jobId = page.jobId;
      if (page.type === 'EOS' || page.next === undefined) return found;
      url = new URL(page.next, base).href;
      if (page.type === 'NOT_READY') await clock.sleep(NOT_READY_PAUSE, limit);
    }
  }

  async function run(statement: string, limits: SqlLimits): Promise<SqlResult> {
    const started: string[] = [];
    try {
      return await withDeadline(
        'the statement',
        limits.timeoutMs,
        (limit) => pages(statement, limit, (operation) => started.push(operation)),
        limits.signal,
      );
    } catch (error) {
      const givenUp = Promise.all(started.map(giveUp));
      limits.signal?.throwIfAborted();
      await givenUp;
      const failure = httpFailure(error);
      const said = failure?.kind === 'bad-status' && failure.body ? rootCauseOfBody(failure.body) : '';
      const what = said || messageOf(error);
      throw new FlinchError('SQL_GATEWAY', {
        what: `a statement failed: ${what}`,
        on: statement.trim().replace(/\s+/g, ' '),
        cause: error,
      });
    }
  }

  /** Best effort: the session's end would do it too. */
  const giveUp = (operation: string) =>
    http.send('DELETE', `${operation}/close`, ask(undefined, GOODBYE_TIMEOUT)).catch(() => {});

  return {
    handle,
    run,
    async insert(statement, limits) {
      const { jobId, rows } = await run(statement, limits);
      const id = jobId ?? rows[0]?.[0];
      if (isJobId(id)) return id;
      throw new FlinchError('SQL_GATEWAY', { what: 'an INSERT gave no job id', on: statement.trim() });
    },
    heartbeat: (limit) => http.postJson(`${session}/heartbeat`, {}, () => {}, ask(limit, GOODBYE_TIMEOUT)),
    async close() {
      await http.send('DELETE', session, ask(undefined, GOODBYE_TIMEOUT)).catch(() => {});
      http.close();
    },
  };
}
