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
/** Milliseconds between looks at a result that is not ready: at first, and after a while. */
const NOT_READY_PAUSE = 50;
const LONGEST_PAUSE = 500;
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
  /**
   * Runs a query to its end and hands over its rows page by page. Its job ends with it: on every path out the operation
   * is closed before this returns, as far as the gateway answers within 2 s. @param name of the query, for errors
   */
  query(name: string, statement: string, limits: SqlLimits, onRows: (rows: unknown[][]) => void): Promise<void>;
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

  async function pages(
    statement: string,
    limit: AbortSignal,
    onOperation: (url: string) => void,
    onPage: (page: Page) => void,
  ): Promise<void> {
    const answer = (value: unknown) => textOf(fieldsOf(value), 'operationHandle');
    const operation = await http.postJson(`${session}/statements`, { statement }, answer, ask(limit));
    onOperation(`${session}/operations/${operation}`);
    let url = `${session}/operations/${operation}/result/0?rowFormat=JSON`;
    for (let pause = NOT_READY_PAUSE; ; ) {
      const page = await http.getJson(url, readPage, ask(limit));
      onPage(page);
      if (page.type === 'EOS' || page.next === undefined) return;
      url = new URL(page.next, base).href;
      if (page.type !== 'NOT_READY') continue;
      await clock.sleep(pause, limit);
      pause = Math.min(LONGEST_PAUSE, pause * 1.1);
    }
  }

  async function gathered(statement: string, limit: AbortSignal, onOperation: (url: string) => void) {
    const found: SqlResult = { columns: [], rows: [] };
    await pages(statement, limit, onOperation, (page) => {
      if (page.columns.length > 0) found.columns = page.columns;
      // Not push(...rows): a page may have more rows than a call may have arguments.
      for (const row of page.rows) found.rows.push(row);
      if (isJobId(page.jobId)) found.jobId = page.jobId;
    });
    return found;
  }

  async function run(statement: string, limits: SqlLimits): Promise<SqlResult> {
    const started: string[] = [];
    try {
      return await withDeadline(
        'the statement',
        limits.timeoutMs,
        (limit) => gathered(statement, limit, (operation) => started.push(operation)),
        limits.signal,
      );
    } catch (error) {
      const givenUp = Promise.all(started.map(giveUp));
      limits.signal?.throwIfAborted();
      await givenUp;
      throw failed('a statement', statement.trim().replace(/\s+/g, ' '), error);
    }
  }

  async function query(
    name: string,
    statement: string,
    limits: SqlLimits,
    onRows: (rows: unknown[][]) => void,
  ): Promise<void> {
    const started: string[] = [];
    const work = (limit: AbortSignal) =>
      pages(
        statement,
        limit,
        (operation) => started.push(operation),
        ({ rows }) => rows.length > 0 && onRows(rows),
      );
    try {
      await withDeadline('it', limits.timeoutMs, work, limits.signal);
    } catch (error) {
      limits.signal?.throwIfAborted();
      throw failed(name, gateway, error);
    } finally {
      // A query whose rows are not all fetched keeps its job waiting for somebody who fetches them.
      await Promise.all(started.map(giveUp));
    }
  }

  function failed(name: string, on: string, error: unknown): FlinchError {
    const failure = httpFailure(error);
    const said = failure?.kind === 'bad-status' && failure.body ? rootCauseOfBody(failure.body) : '';
    const what = `${name} failed: ${said || messageOf(error)}`;
    return new FlinchError('SQL_GATEWAY', { what, on, cause: error });
  }

  /** Best effort: the session's end would do it too. */
  const giveUp = (operation: string) =>
    http.send('DELETE', `${operation}/close`, undefined, ask(undefined, GOODBYE_TIMEOUT)).catch(() => {});

  return {
    handle,
    run,
    query,
    async insert(statement, limits) {
      const { jobId, rows } = await run(statement, limits);
      const id = jobId ?? rows[0]?.[0];
      if (isJobId(id)) return id;
      throw new FlinchError('SQL_GATEWAY', { what: 'an INSERT gave no job id', on: statement.trim() });
    },
    heartbeat: (limit) => http.postJson(`${session}/heartbeat`, {}, () => {}, ask(limit, GOODBYE_TIMEOUT)),
    async close() {
      await http.send('DELETE', session, undefined, ask(undefined, GOODBYE_TIMEOUT)).catch(() => {});
      http.close();
    },
  };
}
