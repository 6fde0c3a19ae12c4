import assert from 'node:assert/strict';
import { metadata } from '../../src/client/kafka/apis/metadata.js';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import { BrokerConnection } from '../../src/client/kafka/protocol/connection.js';
import type { KafkaSasl, KafkaSecurity } from '../../src/client/kafka/protocol/security.js';
import { createTopics } from '../../src/client/kafka/write/admin.js';
import { PartitionProducer } from '../../src/client/kafka/write/partition-producer.js';
import { systemClock } from '../../src/core/clock.js';
import type { FlinchError } from '../../src/core/error.js';
import { hasCode } from '../support/has-code.js';
import type { TestBrokers } from '../support/kafka/brokers.js';
import {
  type Listener,
  PASSWORDS,
  startSecuredBroker,
  type TestCertificates,
  unsignedToken,
} from '../support/kafka/secured-broker.js';

describe('kafka security on a broker', function () {
  this.timeout(180_000);
  let brokers: TestBrokers;
  let ports: Record<Listener, number>;
  let certificates: TestCertificates;
  let at: (listener: Listener) => string[];
  before(async () => {
    ({ brokers, ports, certificates, at } = await startSecuredBroker());
  });
  after(() => brokers?.end());

  const plain: KafkaSasl = { mechanism: 'PLAIN', username: 'alice', password: PASSWORDS.alice };
  const scram = (mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512', password = PASSWORDS.bob): KafkaSasl => {
    return { mechanism, username: 'bob', password };
  };
  const oauth: KafkaSasl = { mechanism: 'OAUTHBEARER', token: async () => unsignedToken('carol', 3600) };

  async function readAll(listener: Listener, topic: string, security: KafkaSecurity): Promise<string[]> {
    const reader = openLog({ brokers: at(listener), clientId: 't', deadlineMs: 10_000, security });
    const found: string[] = [];
    try {
      const outcomes = await reader.read(topic, { isolation: 'read_committed' }, (record) =>
        found.push(`${record.value()}`),
      );
      for (const { error } of outcomes) if (error) throw error;
    } finally {
      reader.close();
    }
    return found;
  }

  async function write(listener: Listener, topic: string, security: KafkaSecurity, values: string[]): Promise<void> {
    const limits = { requestMs: 3000, sendMs: 8000 };
    const producer = new PartitionProducer({
      brokers: at(listener),
      clientId: 't',
      topic,
      partition: 0,
      ...limits,
      security,
    });
    try {
      await producer.connect(8000);
      for (const value of values) {
        assert.deepEqual(await producer.send([{ key: 'k', value, timestamp: Date.now() }]), { state: 'acknowledged' });
      }
    } finally {
      producer.end();
    }
  }

  const ways: [string, Listener, () => KafkaSecurity][] = [
    ['PLAIN', 'SASLPLAIN', () => ({ sasl: plain })],
    ['SCRAM-SHA-256', 'SASLPLAIN', () => ({ sasl: scram('SCRAM-SHA-256') })],
    ['SCRAM-SHA-512', 'SASLPLAIN', () => ({ sasl: scram('SCRAM-SHA-512') })],
    ['OAUTHBEARER', 'SASLPLAIN', () => ({ sasl: oauth })],
    ['SCRAM-SHA-512 over TLS', 'SASLSSL', () => ({ sasl: scram('SCRAM-SHA-512'), tls: { ca: certificates.ca.cert } })],
    [
      'PLAIN over TLS',
      'SASLSSL',
      () => ({ sasl: plain, tls: { ca: [certificates.otherCa.cert, certificates.ca.cert] } }),
    ],
    [
      'a client certificate',
      'MTLS',
      () => {
        const { cert, key } = certificates.client;
        return { tls: { ca: certificates.ca.cert, cert, key } };
      },
    ],
    [
      'TLS to a name given',
      'OTHERHOST',
      () => ({ tls: { ca: certificates.ca.cert, servername: 'elsewhere.example' } }),
    ],
  ];
  for (const [name, listener, security] of ways) {
    it(`makes, writes and reads a topic with ${name}`, async () => {
      const topic = name.replaceAll(' ', '_');
      const options = { brokers: at(listener), clientId: 't', deadlineMs: 8000, security: security() };
      await createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }], options);
      await write(listener, topic, security(), ['one', 'two']);
      assert.deepEqual(await readAll(listener, topic, security()), ['one', 'two']);
    });
  }

  const wrongs: [string, Listener, () => KafkaSecurity, RegExp][] = [
    [
      'a wrong PLAIN password',
      'SASLPLAIN',
      () => ({ sasl: { ...plain, password: 'secret?' } }),
      /Invalid username or password/,
    ],
    ['a wrong SCRAM password', 'SASLPLAIN', () => ({ sasl: scram('SCRAM-SHA-256', 'secret?') }), /invalid credentials/],
    [
      'an unknown user',
      'SASLPLAIN',
      () => ({ sasl: { ...scram('SCRAM-SHA-256'), username: 'nobody' } as KafkaSasl }),
      /invalid credentials/,
    ],
    [
      'an expired token',
      'SASLPLAIN',
      () => ({ sasl: { mechanism: 'OAUTHBEARER', token: () => unsignedToken('carol', -3600) } }),
      /invalid_token/,
    ],
    [
      'a mechanism that is not enabled',
      'SASLSSL',
      () => ({ sasl: oauth, tls: { ca: certificates.ca.cert } }),
      /OAUTHBEARER is not enabled, the broker offers (PLAIN|SCRAM-SHA-512), (PLAIN|SCRAM-SHA-512)/,
    ],
    ['SASL where there is none', 'PLAINTEXT', () => ({ sasl: plain }), /takes no SASL/],
    [
      'an authority that is not trusted',
      'SASLSSL',
      () => ({ sasl: plain, tls: { ca: certificates.otherCa.cert } }),
      /not trusted/,
    ],
    ['the authorities of the system', 'SASLSSL', () => ({ sasl: plain, tls: true }), /not trusted/],
    ['a certificate for another host', 'OTHERHOST', () => ({ tls: { ca: certificates.ca.cert } }), /for another host/],
    ['an expired certificate', 'EXPIRED', () => ({ tls: { ca: certificates.ca.cert } }), /not valid now/],
    ['no client certificate', 'MTLS', () => ({ tls: { ca: certificates.ca.cert } }), /demands a client certificate/],
    [
      'a client certificate of a stranger',
      'MTLS',
      () => {
        const { cert, key } = certificates.stranger;
        return { tls: { ca: certificates.ca.cert, cert, key } };
      },
      /refused our certificate/,
    ],
    ['nobody where somebody is demanded', 'SASLPLAIN', () => ({}), /demands SASL, it offers .*PLAIN/],
    ['TLS at a plaintext port', 'PLAINTEXT', () => ({ tls: { ca: certificates.ca.cert } }), /speaks plaintext/],
    [
      'TLS at a SASL_PLAINTEXT port',
      'SASLPLAIN',
      () => ({ sasl: plain, tls: { ca: certificates.ca.cert } }),
      /speaks plaintext/,
    ],
    ['plaintext at a TLS port', 'MTLS', () => ({}), /speaks TLS/],
    ['SASL in plaintext at a TLS port', 'SASLSSL', () => ({ sasl: plain }), /speaks TLS/],
  ];
  for (const [name, listener, security, says] of wrongs) {
    it(`refuses at once, in both clients: ${name}`, async () => {
      const refused = (error: FlinchError) => {
        assert.ok(!`${error.stack}`.includes('secret'), error.stack);
        return hasCode('KAFKA_AUTH', says)(error);
      };
      const options = { brokers: at(listener), clientId: 't', deadlineMs: 20_000, security: security() };
      const reader = openLog(options);
      const start = Date.now();
      await assert.rejects(reader.offsets('PLAIN'), refused);
      assert.ok(Date.now() - start < 3000, `the reader took ${Date.now() - start} ms`);
      reader.close();
      const begin = Date.now();
      await assert.rejects(createTopics([{ name: 'never', partitions: 1, replicationFactor: 1 }], options), refused);
      assert.ok(Date.now() - begin < 3000, `kafkajs took ${Date.now() - begin} ms`);
    });
  }

  it('goes on past the end of a session, on the same connection', async () => {
    const logins: number[] = [];
    const token = () => unsignedToken('carol', logins.push(Date.now()) + 3600);
    const security: KafkaSecurity = { sasl: { mechanism: 'OAUTHBEARER', token } };
    const peer = { host: '127.0.0.1', port: ports.SHORT };
    const connection = await BrokerConnection.open(peer, { clientId: 't', ms: 3000, security });
    const until = Date.now() + 5000;
    while (Date.now() < until) {
      const calls = [1, 2, 3].map(() => connection.call(metadata, { topics: [] }, { ms: 3000 }));
      for (const { brokers: found } of await Promise.all(calls)) assert.equal(found.length, 1);
      await systemClock.sleep(20);
    }
    assert.ok(!connection.closed);
    assert.ok(logins.length >= 3 && logins.length <= 5, `${logins.length} authentications`);
    connection.close();
  });

  it('reads and writes for longer than a session lasts', async () => {
    const security: KafkaSecurity = { sasl: scram('SCRAM-SHA-256') };
    const brokersAt = { brokers: at('SHORT'), clientId: 't', deadlineMs: 8000, security };
    await createTopics([{ name: 'long', partitions: 1, replicationFactor: 1 }], brokersAt);
    const reader = openLog(brokersAt);
    const end = new AbortController();
    const seen: string[] = [];
    const errors: unknown[] = [];
    const tail = reader.tailCommitted(
      'long',
      { signal: end.signal, every: 50, onRecord: (record) => seen.push(`${record.value()}`) },
      ({ error }) => error && errors.push(error),
    );
    const values = Array.from({ length: 50 }, (_, i) => `v${i}`);
    const limits = { requestMs: 3000, sendMs: 8000 };
    const producer = new PartitionProducer({ ...brokersAt, topic: 'long', partition: 0, ...limits });
    await producer.connect(8000);
    for (const value of values) {
      assert.deepEqual(await producer.send([{ key: 'k', value, timestamp: Date.now() }]), { state: 'acknowledged' });
      await systemClock.sleep(100);
    }
    producer.end();
    await systemClock.sleep(500);
    end.abort();
    await tail;
    const slow: string[] = [];
    const [outcome] = await reader.read('long', { isolation: 'read_committed', fetchBytes: 1 }, (record) => {
      const until = Date.now() + 60;
      while (Date.now() < until);
      slow.push(`${record.value()}`);
    });
    reader.close();
    assert.deepEqual([errors, seen, slow, outcome?.error], [[], values, values, undefined]);
  });
});
