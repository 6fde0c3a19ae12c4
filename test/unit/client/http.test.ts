import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { createHttp, type HttpFailureKind, httpFailure } from '../../../src/client/http.js';
import { FlinchError } from '../../../src/core/error.js';
import {
  type Behaviour,
  closeMidBody,
  drip,
  hang,
  json,
  type LyingHttpServer,
  reset,
  startLyingHttp,
  text,
} from '../../support/lying-http-server.js';

describe('HTTP client', () => {
  let server: LyingHttpServer;
  const http = createHttp({ code: 'FLINK_REST', bodyLimit: 1000 });
  /** For what answers. */
  const limits = { timeoutMs: 20_000 };
  /** For what never does. */
  const tight = { timeoutMs: 50 };
  const anything = (body: unknown) => body;

  before(async () => {
    server = await startLyingHttp();
  });
  after(async () => {
    http.close();
    await server.close();
  });

  async function failureOf(work: Promise<unknown>) {
    const start = Date.now();
    const error = await work.then(
      () => assert.fail('it succeeded'),
      (thrown: unknown) => thrown,
    );
    assert.ok(Date.now() - start < 5000, 'it took too long');
    assert.ok(error instanceof FlinchError, String(error));
    assert.equal(error.code, 'FLINK_REST');
    const failure = httpFailure(error);
    assert.ok(failure);
    return { ...failure, message: error.message };
  }

  const lies: [name: string, Behaviour, HttpFailureKind][] = [
    ['hangs', hang, 'timeout'],
    ['drips', drip, 'timeout'],
    ['closes in the middle of the body', closeMidBody, 'reset'],
    ['resets', reset, 'reset'],
    ['answers 500', json({ errors: ['boom'] }, 500), 'bad-status'],
    ['redirects', text('', 302), 'bad-status'],
    ['sends HTML', text('<html>hello</html>'), 'bad-body'],
    ['sends nothing', text(''), 'bad-body'],
    ['sends too much', json('x'.repeat(2000)), 'bad-body'],
    ['sends another shape', json([1, 2]), 'bad-body'],
  ];
  for (const [name, behaviour, kind] of lies) {
    it(`ends with "${kind}" when the server ${name}`, async () => {
      server.on('/lie', behaviour);
      const read = (body: unknown) => {
        if (typeof body !== 'object' || body === null || !('jobs' in body)) throw new TypeError('"jobs" is missing');
        return body.jobs;
      };
      const options = kind === 'timeout' ? tight : limits;
      const failure = await failureOf(http.getJson(`${server.url}/lie`, read, options));
      assert.equal(failure.kind, kind, failure.message);
      if (name === 'answers 500') assert.equal(failure.status, 500);
      if (name === 'sends another shape') assert.match(failure.message, /"jobs" is missing/);
    });
  }

  it('tells refused, unresolved and a server that speaks no HTTP apart', async () => {
    const other = createServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9\r\n'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const url = `http://127.0.0.1:${port}/`;
    assert.equal((await failureOf(http.getJson(url, anything, limits))).kind, 'bad-body');
    await new Promise((resolve) => other.close(resolve));
    assert.equal((await failureOf(http.getJson(url, anything, limits))).kind, 'refused');
    const { kind } = await failureOf(http.getJson('http://no.such.host.invalid/', anything, tight));
    assert.ok(kind === 'unresolved' || kind === 'timeout', kind);
  });

  it("rejects with the signal's reason when it is aborted, and drops the connection", async () => {
    server.on('/hang', hang);
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 30);
    const request = http.getJson(`${server.url}/hang`, anything, { timeoutMs: 10_000, signal: controller.signal });
    await assert.rejects(request, (error) => error === reason);
    await assert.rejects(
      http.getJson(`${server.url}/hang`, anything, { timeoutMs: 10_000, signal: controller.signal }),
      (error) => error === reason,
    );
  });

  it('asks again when the server closes an idle connection under a request', async () => {
    let seen = 0;
    const own = createHttp({ code: 'FLINK_REST' });
    server.on('/idle', (request, response) => {
      seen += 1;
      if (seen === 2) request.socket.resetAndDestroy();
      else json({ seen })(request, response, '');
    });
    assert.deepEqual(await own.getJson(`${server.url}/idle`, anything, limits), { seen: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await own.getJson(`${server.url}/idle`, anything, limits), { seen: 3 });
    own.close();
  });

  it('reuses its connections, and takes a new one when asked to', async () => {
    const own = createHttp({ code: 'FLINK_REST' });
    const ports: (number | undefined)[] = [];
    server.on('/ok', (request, response) => {
      ports.push(request.socket.remotePort);
      json({})(request, response, '');
    });
    for (const fresh of [false, false, true]) await own.getJson(`${server.url}/ok`, anything, { ...limits, fresh });
    assert.equal(ports[0], ports[1]);
    assert.notEqual(ports[1], ports[2]);
    own.close();
  });

  it('sends JSON', async () => {
    server.on('/post', json({ a: 1 }));
    assert.deepEqual(await http.postJson(`${server.url}/post`, { b: 2 }, anything, limits), { a: 1 });
    assert.equal(server.requests.at(-1), 'POST /post {"b":2}');
    server.on('/patch', text('', 202));
    await http.send('PATCH', `${server.url}/patch`, undefined, limits);
  });

  it('ignores a proxy of the environment', async () => {
    server.on('/direct', json({}));
    process.env.http_proxy = 'http://127.0.0.1:1';
    try {
      await http.getJson(`${server.url}/direct`, anything, limits);
    } finally {
      delete process.env.http_proxy;
    }
  });
});
