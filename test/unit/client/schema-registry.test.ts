import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { openSchemaRegistry, type SchemaRegistryOptions, schemaFailure } from '../../../src/client/schema-registry.js';
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

describe('schema registry', () => {
  let server: LyingHttpServer;
  before(async () => {
    server = await startLyingHttp();
  });
  after(() => server.close());

  /** Long enough for an answer; `tight` for what never comes. */
  const open = (options: Partial<SchemaRegistryOptions> = {}) => openSchemaRegistry({ url: server.url, ...options });
  // Until then it asks again where that may help.
  const tight = { timeoutMs: 250 };

  async function failureOf(id: number, options: Partial<SchemaRegistryOptions> = {}) {
    const registry = open(options);
    const start = Date.now();
    const error = await registry.schema(id).then(
      () => assert.fail('it succeeded'),
      (thrown: unknown) => thrown,
    );
    registry.close();
    assert.ok(Date.now() - start < 5000, 'it took too long');
    assert.ok(error instanceof FlinchError, String(error));
    assert.equal(error.code, 'SCHEMA_REGISTRY');
    assert.equal(error.exitCode, 2);
    return { error, message: error.message, failure: schemaFailure(error) };
  }

  it('hands over a schema, and asks for it once', async () => {
    server.on('/schemas/ids/1', json({ schema: '"string"' }));
    const registry = open({ url: `${server.url}/` });
    assert.deepEqual(await registry.schema(1), ['"string"']);
    assert.deepEqual(await registry.schema(1), ['"string"']);
    assert.equal(server.requests.filter((request) => request.includes('/schemas/ids/1')).length, 1);
    registry.close();
  });

  it('a path in the URL is kept', async () => {
    server.on('/apis/ccompat/v7/schemas/ids/1', json({ schema: '"int"' }));
    const registry = open({ url: `${server.url}/apis/ccompat/v7` });
    assert.deepEqual(await registry.schema(1), ['"int"']);
    registry.close();
  });

  it('what a schema refers to comes before it, each once', async () => {
    const to = (subject: string, version = 1) => ({ name: `x.${subject}`, subject, version });
    server.on('/schemas/ids/2', json({ schema: 'top', references: [to('left'), to('right')] }));
    server.on('/subjects/left/versions/1', json({ schema: 'left', references: [to('a/b', 3)] }));
    server.on('/subjects/right/versions/1', json({ schema: 'right', references: [to('a/b', 3), to('left')] }));
    server.on('/subjects/a%2Fb/versions/3', json({ schema: 'base', schemaType: 'AVRO' }));
    const registry = open();
    assert.deepEqual(await registry.schema(2), ['base', 'left', 'right', 'top']);
    registry.close();
  });

  it('a circle of references ends', async () => {
    const references = [{ name: 'x', subject: 'round', version: 1 }];
    server.on('/schemas/ids/3', json({ schema: 'top', references }));
    server.on('/subjects/round/versions/1', json({ schema: 'round', references }));
    const registry = open();
    assert.deepEqual(await registry.schema(3), ['round', 'top']);
    registry.close();
  });

  it('a reference that is not there is unknown', async () => {
    server.on('/schemas/ids/4', json({ schema: 'top', references: [{ name: 'x', subject: 'gone', version: 7 }] }));
    server.on('/subjects/gone/versions/7', json({ error_code: 40402, message: 'Version 7 not found.' }, 404));
    const { failure, message } = await failureOf(4);
    assert.equal(failure, 'unknown');
    assert.equal(message, `the schema registry ${server.url} has no version 7 of subject gone`);
  });

  it('an id that is not there is unknown', async () => {
    server.on('/schemas/ids/5', json({ error_code: 40403, message: 'Schema 5 not found' }, 404));
    const { failure, message } = await failureOf(5);
    assert.equal(failure, 'unknown');
    assert.equal(message, `the schema registry ${server.url} has no schema 5`);
  });

  for (const type of ['PROTOBUF', 'JSON']) {
    it(`a schema of type ${type} is named as such`, async () => {
      server.on('/schemas/ids/6', json({ schema: 'syntax = "proto3";', schemaType: type }));
      const { failure, message } = await failureOf(6);
      assert.equal(failure, 'not-avro');
      assert.match(message, new RegExp(`^schema 6 of the schema registry \\S+ is ${type}, not Avro$`));
    });
  }

  const away: [name: string, Behaviour, RegExp][] = [
    ['hangs', hang, /got no answer within/],
    ['drips', drip, /got no answer within/],
    ['closes in the middle of the body', closeMidBody, /reset|no answer/],
    ['resets', reset, /reset/],
    ['answers 500', json({ error_code: 50001, message: 'Error in the backend' }, 500), /500: Error in the backend/],
    ['is another server', text('not here', 404), /404: not here .* - check that the URL is that of a schema registry/],
    ['sends HTML', text('<html>hello</html>'), /not as expected/],
    ['sends a list', json([]), /a list, not an object/],
    ['sends no schema', json({ subject: 'x' }), /"schema" is missing/],
    ['sends odd references', json({ schema: '"int"', references: [{ subject: 'x' }] }), /"version" is missing/],
    ['refuses', json({ error_code: 40101, message: 'Unauthorized' }, 401), /Unauthorized.* - check its user/],
  ];
  for (const [name, behaviour, expected] of away) {
    it(`a registry that ${name} is away`, async () => {
      server.on('/schemas/ids/7', behaviour);
      // Those that are asked again until the time is up: an answer takes some of it on a busy machine.
      const within = /^(resets|answers 500)$/.test(name) ? { timeoutMs: 1000 } : {};
      const { failure, message } = await failureOf(7, [hang, drip, closeMidBody].includes(behaviour) ? tight : within);
      assert.equal(failure, 'away');
      assert.match(message, expected);
    });
  }

  it('a registry that refuses connections is away', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const { failure, message } = await failureOf(1, { ...tight, url: `http://127.0.0.1:${port}` });
    assert.equal(failure, 'away');
    assert.match(message, /refused/);
  });

  it('is asked again while there is time', async () => {
    let tries = 0;
    server.on('/schemas/ids/8', (...call) =>
      (tries++ === 0 ? json({ message: 'leader is gone' }, 503) : json({ schema: '"long"' }))(...call),
    );
    const registry = open();
    assert.deepEqual(await registry.schema(8), ['"long"']);
    assert.equal(tries, 2);
    registry.close();
  });

  it('ends with the reason of its signal', async () => {
    server.on('/schemas/ids/9', hang);
    const registry = open();
    const reason = new Error('enough');
    const work = registry.schema(9, AbortSignal.any([AbortSignal.timeout(30)]));
    await assert.rejects(work, { name: 'TimeoutError' });
    await assert.rejects(registry.schema(9, AbortSignal.abort(reason)), reason);
    registry.close();
  });

  describe('with a password', () => {
    const secret = 'pa ss:w/rd';
    const basic = Buffer.from(`me:${secret}`).toString('base64');
    const address = () => server.url.replace('//', `//me:${encodeURIComponent(secret)}@`);

    for (const [name, options] of [
      ['from the URL', () => ({ url: address() })],
      ['from options', () => ({ user: 'me', password: secret })],
    ] as const) {
      it(`${name}: sends it`, async () => {
        let sent: string | undefined;
        server.on('/schemas/ids/10', (request, response, body) => {
          sent = request.headers.authorization;
          json({ schema: '"int"' })(request, response, body);
        });
        const registry = open(options());
        await registry.schema(10);
        assert.equal(sent, `Basic ${basic}`);
        assert.equal(registry.url, server.url);
        registry.close();
      });
    }

    const echo: Behaviour = (request, response) => {
      response.writeHead(401);
      response.end(`no entry for ${request.headers.authorization} ${secret}`);
    };
    for (const [name, behaviour] of [
      ['is refused', echo],
      ['hangs', hang],
      ['resets', reset],
    ] as const) {
      it(`never shows it in an error: ${name}`, async () => {
        server.on('/schemas/ids/11', behaviour);
        const { error } = await failureOf(11, { ...tight, url: address() });
        const all = inspect(error, { depth: 20, showHidden: true }) + error.stack;
        for (const shown of [secret, basic, encodeURIComponent(secret)]) assert.ok(!all.includes(shown), all);
      });
    }

    it('never shows a URL that is not one', () => {
      assert.throws(
        () => openSchemaRegistry({ url: `me:${secret}@registry` }),
        (error: Error) => {
          assert.ok(!error.message.includes(secret));
          return error instanceof FlinchError && error.code === 'USAGE';
        },
      );
    });
  });
});
