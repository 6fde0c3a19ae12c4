import { openSqlSession } from '../../client/flink/sql-gateway.js';
import type { JobPlan } from '../../workload/jobs.js';

const SESSION_WITHIN = 30_000;
const STATEMENT_WITHIN = 60_000;

/** Gives the statements of a job to the SQL gateway. @returns the job's id. @throws FlinchError SQL_GATEWAY; the signal's reason */
export async function submitJob(plan: JobPlan, gateway: string, signal: AbortSignal): Promise<string> {
  const limits = { timeoutMs: STATEMENT_WITHIN, signal };
  const session = await openSqlSession(gateway, {
    name: plan.name,
    properties: plan.session,
    timeoutMs: SESSION_WITHIN,
    signal,
  });
  try {
    for (const table of plan.tables) await session.run(table, limits);
    return await session.insert(plan.insert, limits);
  } finally {
    await session.close();
  }
}

/** What a session is told, statement by statement. */
export const statementsOf = ({ session, tables, insert }: JobPlan): string[] => [
  ...Object.entries(session).map(([key, value]) => `SET '${key}' = '${value}'`),
  ...tables,
  insert,
];
