import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { runBatch } from '../../../src/reconcile/flink-sql/job.js';
import { hasCode } from '../../support/has-code.js';
import { type Behaviour, hang, json, type LyingHttpServer, startLyingHttp } from '../../support/lying-http-server.js';

const SESSION = '/v3/sessions/s1';
const page = (columns: string[], data: unknown[][], next?: string) => ({
  resultType: next === undefined ? 'EOS' : 'PAYLOAD',
  results: { columns: columns.map((name) => ({ name })), data: data.map((fields) => ({ kind: 'INSERT', fields })) },
  ...(next === undefined ? {} : { nextResultUri: `${SESSION}/operations/query/result/${next}` }),
});
const notReady = { resultType: 'NOT_READY', nextResultUri: `${SESSION}/operations/query/result/0` };
const boom = {
  errors: ['Internal server error.', 'a.b.SqlExecutionException: x\nCaused by: a.b.Boom: out of buffers'],
};

describe('a batch job on a Flink cluster', () => {
  let server: LyingHttpServer;
  /** The job as `SHOW JOBS` has it, until it is stopped. */
  let status: string;
  const stops: string[] = [];

  /** Names each operation by what its statement does. */
  const take: Behaviour = (request: IncomingMessage, response: ServerResponse, body) => {
    const { statement } = JSON.parse(body) as { statement: string };
    const kind = /^(CREATE|SHOW|STOP|SELECT)/.exec(statement)?.[1] ?? '';
    if (kind === 'STOP') {
      stops.push(statement);
      status = 'CANCELED';
    }
    const handle = { CREATE: 'create', SHOW: 'show', STOP: 'create', SELECT: 'query' }[kind];
    json({ operationHandle: handle })(request, response, body);
  };
  const show: Behaviour = (request, response, body) =>
    json(
      page(
        ['job id', 'job name', 'status', 'start time'],
        [
          ['b'.repeat(32), 'somebody else', 'RUNNING', ''],
          ['a'.repeat(32), 'mine', status, ''],
        ],
      ),
    )(request, response, body);

  beforeEach(async () => {
    status = 'RUNNING';
    stops.length = 0;
    server = await startLyingHttp({
      '/v3/sessions': json({ sessionHandle: 's1' }),
      [SESSION]: json({ status: 'CLOSED' }),
      [`${SESSION}/statements`]: take,
      [`${SESSION}/operations/create/result/0`]: json(page(['result'], [['OK']])),
      [`${SESSION}/operations/show/result/0`]: show,
      [`${SESSION}/operations/query/close`]: json({ status: 'CLOSED' }),
    });
  });
  afterEach(() => server.close());

  const query = (behaviour: Behaviour) => server.on(`${SESSION}/operations/query/result/0`, behaviour);
  const run = (more: { deadlineMs?: number; signal?: AbortSignal; clearMs?: number } = {}) => {
    const clock = { mono: () => performance.now(), wall: Date.now, sleep: async () => {} };
    const job = { gateway: server.url, name: 'mine', parallelism: 3, deadlineMs: 5000, clock, ...more };
    return runBatch(job, ['CREATE a', 'CREATE b'], 'SELECT 1');
  };
  const asked = (line: string) => assert.ok(server.requests.includes(line), `${line} of ${server.requests.join('\n')}`);
  const closed = () => {
    asked(`DELETE ${SESSION}/operations/query/close`);
    assert.equal(server.requests.at(-1), `DELETE ${SESSION}`);
  };

  it('gives the rows of every page, in a session of its own that it closes', async () => {
    query(json(page(['a'], [[1], [2]], '1')));
    server.on(`${SESSION}/operations/query/result/1`, json(page(['a'], [[3]])));
    assert.deepEqual(await run(), [[1], [2], [3]]);
    const opened = server.requests[0] ?? '';
    assert.match(opened, /"execution.runtime-mode":"batch"/);
    assert.match(opened, /"restart-strategy.type":"none"/);
    assert.match(opened, /"parallelism.default":"3"/);
    assert.match(opened, /"pipeline.name":"mine"/);
    assert.deepEqual(stops, []);
    closed();
  });

  it('tells why a job failed', async () => {
    status = 'FAILED';
    query(json(boom, 500));
    await assert.rejects(run(), hasCode('SQL_GATEWAY', /the batch job mine failed: Boom: out of buffers/));
    assert.deepEqual(stops, []);
    closed();
  });

  it('stops a job that does not end in its time, and no other', async () => {
    query(json(notReady));
    await assert.rejects(
      run({ deadlineMs: 500 }),
      hasCode('SQL_GATEWAY', /the batch job mine failed: it took longer than 500 ms/),
    );
    assert.deepEqual(stops, [`STOP JOB '${'a'.repeat(32)}'`]);
    closed();
  });

  it('stops the job when it is interrupted, and ends with the reason of that', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let looks = 0;
    query((...call) => {
      if (looks++ === 2) controller.abort(reason);
      json(notReady)(...call);
    });
    await assert.rejects(run({ signal: controller.signal }), (error) => error === reason);
    assert.equal(stops.length, 1);
    closed();
  });

  it('says so when it does not know whether the job still runs: the gateway hangs', async () => {
    query(hang);
    server.on(`${SESSION}/operations/show/result/0`, hang);
    const says = /took longer than 400 ms.* - whether the job still runs is not known - look for a job named mine/;
    await assert.rejects(run({ deadlineMs: 400, clearMs: 100 }), hasCode('SQL_GATEWAY', says));
  });

  it('says so when the job cannot be stopped', async () => {
    query(json(notReady));
    server.on(`${SESSION}/statements`, (request, response, body) => {
      take(request, response, body);
      status = 'CANCELLING';
    });
    const says = /the job was cancelled, but still runs - look for/;
    await assert.rejects(run({ deadlineMs: 400, clearMs: 1_000 }), hasCode('SQL_GATEWAY', says));
  });

  it('a gateway that takes no statement: ends in time, before there is a job, and shows no options', async () => {
    server.on(`${SESSION}/statements`, hang);
    const says = /^declaring a table failed: it took longer than 400 ms - (?!.*CREATE)/;
    await assert.rejects(run({ deadlineMs: 400 }), hasCode('SQL_GATEWAY', says));
    assert.equal(server.requests.at(-1), `DELETE ${SESSION}`);
  });
});
