import assert from 'node:assert/strict';
import { metadata } from '../../../src/client/kafka/apis/metadata.js';
import { openLog } from '../../../src/client/kafka/log/log-reader.js';
import { KafkaCluster } from '../../../src/client/kafka/protocol/cluster.js';
import { BrokerConnection } from '../../../src/client/kafka/protocol/connection.js';
import type { KafkaSasl } from '../../../src/client/kafka/protocol/security.js';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import type { FlinchError } from '../../../src/core/error.js';
import { hasCode } from '../../support/has-code.js';
import {
  AUTHENTICATE,
  authenticateBody,
  emptyMetadataBody,
  HANDSHAKE,
  handshakeBody,
  leaderBody,
  METADATA,
  type ScriptedAnswer,
  type ScriptedCall,
  startScriptedBroker,
  VERSIONS,
  versionsBody,
} from '../../support/scripted-broker.js';

const PASSWORD = 'pen=cil,"\\secret';
const RANGES = versionsBody({ [METADATA]: [7, 7], [HANDSHAKE]: [0, 1], [AUTHENTICATE]: [0, 2], [VERSIONS]: [0, 0] });
const user = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'): KafkaSasl => {
  return { mechanism, username: 'us,er=1', password: PASSWORD };
};

describe('kafka security', () => {
  const stops: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  /** A broker that answers all but the messages of the mechanism, which `next` does. */
  async function broker(
    next: (message: string, call: ScriptedCall) => Parameters<typeof authenticateBody>[0] | ScriptedAnswer,
    handshake: ScriptedAnswer = handshakeBody(0, []),
  ) {
    const said: string[] = [];
    const scripted = await startScriptedBroker((call) => {
      if (call.api === VERSIONS) return RANGES;
      if (call.api === HANDSHAKE) return handshake;
      if (call.api === METADATA) return emptyMetadataBody();
      const message = call.body.subarray(4).toString();
      said.push(message);
      const answer = next(message, call);
      return typeof answer === 'string' || Buffer.isBuffer(answer) ? answer : authenticateBody(answer);
    });
    stops.push(scripted.stop);
    return { ...scripted, said };
  }

  async function open(port: number, sasl: KafkaSasl, { ms = 5000, clock = systemClock } = {}) {
    const options = { clientId: 't', ms, security: { sasl }, clock };
    const connection = await BrokerConnection.open({ host: '127.0.0.1', port }, options);
    stops.push(() => connection.close());
    return connection;
  }

  const refused = (port: number, sasl: KafkaSasl, says: RegExp) =>
    assert.rejects(open(port, sasl), (error: FlinchError) => {
      assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes('secret'), error.stack);
      return hasCode('KAFKA_AUTH', says)(error);
    });

  describe('SASL', () => {
    it('PLAIN sends what RFC 4616 says', async () => {
      const { port, said } = await broker(() => ({}));
      await open(port, user('PLAIN'));
      assert.deepEqual(said, [`\0us,er=1\0${PASSWORD}`]);
    });

    it('shows the words of the broker, but never a secret that they repeat', async () => {
      const forms = [PASSWORD, JSON.stringify(PASSWORD), Buffer.from(PASSWORD).toString('base64')];
      const message = `no such user\u001b[31m: ${forms.join(' or ')}`;
      const { port, connections } = await broker(() => ({ error: 58, message }));
      const on = `broker 127.0.0.1:${port}`;
      const says = new RegExp(`no such user \\[31m: \\*{3} or "\\*{3}" or \\*{3} - ${on} - check`);
      await refused(port, user('PLAIN'), says);
      assert.equal(connections(), 1);
    });

    it('is not tried again', async () => {
      const { address, connections } = await broker(() => ({ error: 58 }));
      const security = { sasl: user('PLAIN') };
      const options = { clientId: 't', deadlineMs: 20_000, pauseMs: 5, security };
      const cluster = new KafkaCluster({ brokers: [address, '127.0.0.1:1'], ...options });
      stops.push(() => cluster.close());
      await assert.rejects(cluster.layout('t'), hasCode('KAFKA_AUTH', /SASL_AUTHENTICATION_FAILED/));
      assert.equal(connections(), 1);
    });

    it('is not tried again either when only a leader refuses', async () => {
      const leader = await broker(() => ({ error: 58 }));
      const metadataBody = leaderBody('t', leader.port);
      const first = await startScriptedBroker(({ api }) => {
        if (api === VERSIONS) return RANGES;
        if (api === METADATA) return metadataBody;
        return api === HANDSHAKE ? handshakeBody(0, []) : authenticateBody({});
      });
      stops.push(first.stop);
      const security = { sasl: user('PLAIN') };
      const reader = openLog({ brokers: [first.address], clientId: 't', deadlineMs: 20_000, pauseMs: 5, security });
      stops.push(() => reader.close());
      const ends = { partition: 0, leaderEpoch: 0, earliest: 0, lastStableOffset: 1, highWatermark: 1 };
      const [outcome] = await reader.read('t', { isolation: 'read_committed', bounds: [ends] }, () => {});
      assert.equal(outcome?.error?.code, 'KAFKA_AUTH');
      assert.equal(leader.connections(), 1);
    });

    it('is tried again after an error that passes', async () => {
      const { port } = await broker(() => ({ error: -1, message: 'not now' }));
      await assert.rejects(open(port, user('PLAIN')), hasCode('KAFKA_WIRE', /not now/));
    });

    it('names the mechanisms that the broker offers', async () => {
      const { port } = await broker(() => ({}), handshakeBody(33, ['PLAIN', 'GSSAPI']));
      await refused(port, user('SCRAM-SHA-512'), /SCRAM-SHA-512 is not enabled, the broker offers PLAIN, GSSAPI/);
    });

    it('says so when the port takes no SASL', async () => {
      const { port } = await broker(() => ({}), handshakeBody(34, []));
      await refused(port, user('PLAIN'), /takes no SASL/);
    });

    it('ends by the deadline when the broker hangs', async () => {
      for (const hanging of [await broker(() => 'hang'), await broker(() => ({}), 'hang')]) {
        const opening = open(hanging.port, user('PLAIN'), { ms: 400 });
        await assert.rejects(opening, hasCode('KAFKA_WIRE', /SASL PLAIN was not answered within 400 ms/));
      }
    });

    describe('OAUTHBEARER', () => {
      it('sends what RFC 7628 says and asks for a token each time', async () => {
        const { port, said } = await broker(() => ({}));
        let asked = 0;
        const token = () => `token${++asked}`;
        for (const extensions of [{ traceId: 'a b', x: '1' }, {}]) {
          await open(port, { mechanism: 'OAUTHBEARER', token, extensions });
        }
        const first = 'n,,\x01auth=Bearer token1\x01traceId=a b\x01x=1\x01\x01';
        assert.deepEqual(said, [first, 'n,,\x01auth=Bearer token2\x01\x01']);
      });

      it('ends a refused dialogue and tells the reason of the broker', async () => {
        const reason = '{"status":"invalid_token","echo":"my-secret"}';
        const { port, said } = await broker((message) => (message === '\x01' ? { error: 58 } : { bytes: reason }));
        const token = async () => 'my-secret';
        await refused(port, { mechanism: 'OAUTHBEARER', token }, /"status":"invalid_token","echo":"\*{3}"/);
        assert.equal(said[1], '\x01');
      });

      it('tells nothing of what the token function threw, nor of a token that is none', async () => {
        const { port, said } = await broker(() => ({}));
        const failing = () => Promise.reject(new TypeError('curl -d secret failed'));
        await refused(port, { mechanism: 'OAUTHBEARER', token: failing }, /its function threw TypeError/);
        await refused(port, { mechanism: 'OAUTHBEARER', token: () => 'Bearer secret' }, /not a bearer token/);
        const extensions = { auth: 'secret' };
        await refused(port, { mechanism: 'OAUTHBEARER', token: () => 't', extensions }, /extension auth/);
        assert.deepEqual(said, []);
      });
    });

    describe('sessions', () => {
      let now = 0;
      const clock: Clock = {
        ...systemClock,
        mono: () => now,
        sleep: async (ms) => {
          now += ms;
        },
      };
      const ask = (connection: BrokerConnection) => connection.call(metadata, { topics: [] }, { ms: 5000 });

      it('are renewed once before their end, behind the answers that are pending', async () => {
        const apis: number[] = [];
        let held: ScriptedCall | undefined;
        let logins = 0;
        const scripted = await startScriptedBroker((call) => {
          apis.push(call.api);
          if (call.api === VERSIONS) return RANGES;
          if (call.api === HANDSHAKE) return handshakeBody(0, []);
          if (call.api === AUTHENTICATE) return authenticateBody({ lifetimeMs: 10_000, bytes: `${++logins}` });
          if (apis.filter((api) => api === METADATA).length !== 2) return emptyMetadataBody();
          held = call;
          return 'hang';
        });
        stops.push(scripted.stop);
        const connection = await open(scripted.port, user('PLAIN'), { clock });
        now += 7900;
        await ask(connection);
        const pending = ask(connection);
        now += 200;
        const later = Promise.all([ask(connection), ask(connection)]);
        while (logins < 2 || !held) await systemClock.sleep(1);
        const { socket } = held;
        await later;
        socket.write(Buffer.concat([Buffer.from([0, 0, 0, 22, 0, 0, 0, 4]), emptyMetadataBody()]));
        await pending;
        const first = [VERSIONS, HANDSHAKE, AUTHENTICATE, METADATA, METADATA];
        assert.deepEqual(apis, [...first, HANDSHAKE, AUTHENTICATE, METADATA, METADATA]);
        assert.equal(scripted.connections(), 1);
      });

      it('are not renewed sooner than a broker lets them', async () => {
        const { port, said } = await broker(() => ({ lifetimeMs: 1000 }));
        const connection = await open(port, user('PLAIN'), { clock });
        const start = now;
        now += 800;
        await ask(connection);
        assert.equal(said.length, 2);
        assert.ok(now - start >= 1000, `renewed after ${now - start} ms`);
      });

      it('that cannot be renewed end the connection', async () => {
        let logins = 0;
        const { port } = await broker(() =>
          ++logins === 1 ? { lifetimeMs: 2000 } : { error: 58, message: 'expired' },
        );
        const connection = await open(port, user('PLAIN'), { clock });
        now += 2000;
        await assert.rejects(ask(connection), hasCode('KAFKA_AUTH', /refused: expired/));
        assert.ok(connection.closed);
      });
    });
  });
});
