import assert from 'node:assert/strict';
import { openSqlSession } from '../../../src/client/flink/sql-gateway.js';
import { FlinchError } from '../../../src/core/error.js';
import {
  type Behaviour,
  closeMidBody,
  hang,
  json,
  type LyingHttpServer,
  startLyingHttp,
} from '../../support/lying-http-server.js';

const JOB = '0123456789abcdef0123456789abcdef';
const OPERATION = '/v3/sessions/s1/operations/o1';
const limits = { timeoutMs: 10_000 };
const tight = { timeoutMs: 50 };
const EOS = { resultType: 'EOS', results: { columns: [], data: [] } };
const payload = (rows: unknown[][], next: number, more: object = {}) => ({
  resultType: 'PAYLOAD',
  results: { columns: [{ name: 'job id' }], data: rows.map((fields) => ({ kind: 'INSERT', fields })) },
  nextResultUri: `${OPERATION}/result/${next}?rowFormat=JSON`,
  ...more,
});
const hanging = /never ends|hangs|not taken/;
const codedSql = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof FlinchError, String(error));
  assert.equal(error.code, 'SQL_GATEWAY');
  assert.match(error.message, pattern);
  return true;
};

describe('SQL gateway', () => {
  let server: LyingHttpServer;
  beforeEach(async () => {
    server = await startLyingHttp({
      '/v3/sessions': json({ sessionHandle: 's1' }),
      '/v3/sessions/s1': json({ status: 'CLOSED' }),
      '/v3/sessions/s1/heartbeat': json({}),
      '/v3/sessions/s1/statements': json({ operationHandle: 'o1' }),
    });
  });
  afterEach(() => server.close());

  const result = (page: number, behaviour: Behaviour) => server.on(`${OPERATION}/result/${page}`, behaviour);
  const open = () => openSqlSession(server.url, { ...limits, properties: { 'pipeline.name': 'x' } });

  it('runs an INSERT over pages that are not ready, and gives the job id', async () => {
    const session = await open();
    assert.match(server.requests[0] ?? '', /"pipeline.name":"x"/);
    let asked = 0;
    result(0, (...exchange) => {
      asked += 1;
      const notReady = { resultType: 'NOT_READY', nextResultUri: `${OPERATION}/result/0?rowFormat=JSON` };
      json(asked < 3 ? notReady : payload([[JOB]], 1))(...exchange);
    });
    result(1, json(EOS));
    assert.equal(await session.insert('INSERT INTO a SELECT * FROM b', limits), JOB);
    assert.equal(asked, 3);
    await session.heartbeat();
    await session.close();
    assert.equal(server.requests.at(-1), 'DELETE /v3/sessions/s1');
  });

  it('gathers the rows of every page', async () => {
    const session = await open();
    result(0, json(payload([[1], [2]], 1)));
    result(1, json(payload([[3]], 2)));
    result(2, json(EOS));
    const { rows, columns } = await session.run('SELECT 1', limits);
    assert.deepEqual([rows, columns], [[[1], [2], [3]], ['job id']]);
    await session.close();
  });

  const troubles: [name: string, act: () => void, message: RegExp][] = [
    [
      'an error of Flink',
      () =>
        result(
          0,
          json(
            {
              errors: [
                'Internal server error.',
                '<Exception on server side:\na.b.SqlExecutionException: x\n\tat a.B(c)\nCaused by: a.b.ValidationException: no such table\n\tat a.B(c)\nEnd of exception on server side>',
              ],
            },
            500,
          ),
        ),
      /ValidationException: no such table - INSERT INTO a/,
    ],
    [
      'a statement that never ends',
      () => result(0, json({ resultType: 'NOT_READY', nextResultUri: `${OPERATION}/result/0` })),
      /50 ms/,
    ],
    ['a gateway that hangs', () => result(0, hang), /50 ms/],
    ['a gateway that closes mid-body', () => result(0, closeMidBody), /reset/],
    ['another shape', () => result(0, json({ resultType: 'PAYLOAD' })), /"results" is missing/],
    ['no next page', () => result(0, json({ ...payload([], 1), nextResultUri: null })), /"nextResultUri" is missing/],
    ['no job id', () => result(0, json({ ...EOS, results: { columns: [], data: [{ fields: ['OK'] }] } })), /no job id/],
    ['a statement that is not taken', () => server.on('/v3/sessions/s1/statements', hang), /50 ms/],
  ];
  for (const [name, act, message] of troubles) {
    it(`tells ${name} with the statement`, async () => {
      const session = await open();
      act();
      await assert.rejects(
        session.insert('INSERT INTO a\n  SELECT 1', hanging.test(name) ? tight : limits),
        codedSql(message),
      );
      await session.close();
    });
  }

  it('closes the operation of a statement that it gives up', async () => {
    const session = await open();
    result(0, hang);
    // The deadline must leave time for the statement to be taken, however busy the machine is.
    for (let timeoutMs = 50; !server.requests.some((line) => line.startsWith(`GET ${OPERATION}`)); timeoutMs *= 2) {
      assert.ok(timeoutMs < 10_000, 'the statement was never taken');
      await assert.rejects(session.run('SELECT 1', { timeoutMs }), codedSql(new RegExp(`${timeoutMs} ms`)));
    }
    assert.ok(server.requests.includes(`DELETE ${OPERATION}/close`));
    await session.close();
  });

  it('hands over the rows of a query page by page, and closes its operation', async () => {
    const session = await open();
    const seen: unknown[][][] = [];
    result(0, json(payload([[1], [2]], 1)));
    result(1, json(payload([[3]], 2)));
    result(2, json(EOS));
    await session.query('the count', 'SELECT 1', limits, (rows) => seen.push(rows));
    assert.deepEqual(seen, [[[1], [2]], [[3]]]);
    assert.equal(server.requests.at(-1), `DELETE ${OPERATION}/close`);
    await session.close();
  });

  for (const [name, act, message] of [
    ['that breaks off', closeMidBody, /the count failed: .*reset/],
    ['that hangs', hang, /the count failed: it took longer than 200 ms/],
    ['of another shape', json({ resultType: 'PAYLOAD' }), /the count failed: .*"results" is missing/],
  ] as const) {
    it(`closes the operation of a query with a second page ${name}`, async () => {
      const session = await open();
      result(0, json(payload([[1]], 1)));
      result(1, act);
      const query = session.query('the count', 'SELECT 1', act === hang ? { timeoutMs: 200 } : limits, () => {});
      await assert.rejects(query, codedSql(message));
      assert.equal(server.requests.at(-1), `DELETE ${OPERATION}/close`);
      await session.close();
    });
  }

  it("stops at once with the signal's reason", async () => {
    const session = await open();
    result(0, hang);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 20);
    const run = session.run('SELECT 1', { timeoutMs: 10_000, signal: controller.signal });
    await assert.rejects(run, (error) => error === reason);
    await session.close();
  });

  it('fails to open with a code when nobody answers', async () => {
    server.on('/v3/sessions', hang);
    await assert.rejects(openSqlSession(server.url, { timeoutMs: 50 }), codedSql(/50 ms/));
  });

  it('closes in time when the gateway is gone', async () => {
    const session = await open();
    await server.close();
    await session.close();
  });
});
