import { openSqlSession, type SqlSession } from '../../client/flink/sql-gateway.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { FlinchError, messageOf, toFlinchError } from '../../core/error.js';

export interface FlinkJob {
  /** Base URL of the SQL gateway. */
  gateway: string;
  /** Of the job, and nobody else's. */
  name: string;
  /** Upper bound of tasks that do the same; Flink's own setting unless told. */
  parallelism: number;
  /** Milliseconds for the job, from its first statement to its last row. */
  deadlineMs: number;
  signal?: AbortSignal | undefined;
  clock?: Clock;
  /** Milliseconds to clear away in; 15 s unless told. */
  clearMs?: number;
}

/** Milliseconds to open a session, to declare a table, or to look for jobs. */
const STATEMENT_MS = 20_000;
const CLEAR_MS = 15_000;
const LOOK_EVERY = 500;
const ENDED = new Set(['FINISHED', 'FAILED', 'CANCELED']);

/**
 * Runs a query as one batch job over tables that only its session knows, and returns its rows. Neither the session nor
 * the job is left behind on any path out.
 * @throws FlinchError SQL_GATEWAY, which says so when the job's end could not be seen; the signal's reason.
 */
export async function runBatch(job: FlinkJob, tables: readonly string[], query: string): Promise<unknown[][]> {
  const { gateway, name, parallelism, deadlineMs, signal } = job;
  const timeoutMs = Math.min(STATEMENT_MS, deadlineMs);
  const properties = {
    'execution.runtime-mode': 'batch',
    'pipeline.name': name,
    'parallelism.default': String(parallelism),
    // A job that fails is to be told of, not tried again while the deadline passes.
    'restart-strategy.type': 'none',
    'table.local-time-zone': 'UTC',
    // Most ids fall into one group, (1 in, 1 out): summed up before they are sent to the one task that counts it.
    'table.optimizer.agg-phase-strategy': 'TWO_PHASE',
    'table.optimizer.reuse-sub-plan-enabled': 'true',
  };
  const session = await openSqlSession(gateway, { name, properties, timeoutMs, signal });
  let begun = false;
  try {
    // As queries, whose errors do not show the statement: a table's options may hold a password.
    for (const table of tables) await session.query('declaring a table', table, { timeoutMs, signal }, () => {});
    const rows: unknown[][] = [];
    begun = true;
    const take = (page: unknown[][]) => {
      for (const row of page) rows.push(row);
    };
    await session.query(`the batch job ${name}`, query, { timeoutMs: deadlineMs, signal }, take);
    return rows;
  } catch (error) {
    const left = begun ? await clearAway(session, job) : undefined;
    if (left === undefined) throw error;
    const { code, message } = toFlinchError(error);
    throw new FlinchError(code, {
      what: message,
      on: left,
      todo: `look for a job named ${name}, and cancel it`,
      cause: error,
    });
  } finally {
    await session.close();
  }
}

/** Milliseconds in which no answer can be expected. */
const SHORT = 25;

/** Cancels the job until it is seen no more. @returns why it may still run; undefined when it does not. */
async function clearAway(
  session: SqlSession,
  { name, clock = systemClock, clearMs = CLEAR_MS }: FlinkJob,
): Promise<string | undefined> {
  const until = clock.mono() + clearMs;
  let seen = 'whether the job still runs is not known';
  // The statement may have been on its way to a job when its operation was closed: one look is not enough.
  for (let clear = 0; clear < 2; ) {
    const left = until - clock.mono();
    if (left <= 0) return seen;
    try {
      const ids = await liveJobs(session, name, left);
      clear = ids.length === 0 ? clear + 1 : 0;
      if (ids.length > 0) seen = 'the job was cancelled, but still runs';
      for (const id of ids) await session.run(`STOP JOB '${id}'`, { timeoutMs: left }).catch(() => {});
    } catch (error) {
      // A look that was cut off by the end of the time says nothing new.
      if (left < SHORT || clock.mono() >= until) return seen;
      return `whether the job still runs is not known: ${messageOf(error)}`;
    }
    if (clear < 2) await clock.sleep(LOOK_EVERY);
  }
  return undefined;
}

async function liveJobs(session: SqlSession, name: string, timeoutMs: number): Promise<string[]> {
  const { columns, rows } = await session.run('SHOW JOBS', { timeoutMs });
  const [id, named, status] = ['job id', 'job name', 'status'].map((column) => columns.indexOf(column));
  if (id === undefined || named === undefined || status === undefined || Math.min(id, named, status) < 0) {
    throw new FlinchError('SQL_GATEWAY', { what: `SHOW JOBS answered with the columns ${columns.join(', ')}` });
  }
  return rows.filter((row) => row[named] === name && !ENDED.has(String(row[status]))).map((row) => String(row[id]));
}
