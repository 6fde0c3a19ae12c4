import assert from 'node:assert/strict';
import { openLog } from '../../src/client/kafka/log/log-reader.js';
import type { PasswordSasl } from '../../src/client/kafka/protocol/security.js';
import { createTopics } from '../../src/client/kafka/write/admin.js';
import { PartitionProducer } from '../../src/client/kafka/write/partition-producer.js';
import { hasCode } from '../support/has-code.js';
import { PASSWORDS, startSecuredBroker } from '../support/kafka/secured-broker.js';

describe('kafka security on a broker of line 4', function () {
  this.timeout(180_000);
  let secured: Awaited<ReturnType<typeof startSecuredBroker>>;
  before(async () => {
    secured = await startSecuredBroker({ line: 4 });
  });
  after(() => secured?.brokers.end());

  const sasl: PasswordSasl = { mechanism: 'SCRAM-SHA-512', username: 'bob', password: PASSWORDS.bob };

  it('makes, writes and reads a topic with SCRAM-SHA-512 over TLS', async () => {
    const security = { sasl, tls: { ca: secured.certificates.ca.cert } };
    const options = { brokers: secured.at('SASLSSL'), clientId: 't', deadlineMs: 8000, security };
    await createTopics([{ name: 't', partitions: 1, replicationFactor: 1 }], options);
    const producer = new PartitionProducer({ ...options, topic: 't', partition: 0, requestMs: 3000, sendMs: 8000 });
    await producer.connect(8000);
    const sent = await producer.send([{ key: 'k', value: 'one', timestamp: Date.now() }]);
    producer.end();
    assert.deepEqual(sent, { state: 'acknowledged' });
    const reader = openLog(options);
    const found: string[] = [];
    await reader.read('t', { isolation: 'read_committed' }, (record) => found.push(`${record.value()}`));
    reader.close();
    assert.deepEqual(found, ['one']);
  });

  it('refuses at once a wrong password, no TLS, no user and no client certificate', async () => {
    const ca = secured.certificates.ca.cert;
    for (const [listener, security, says] of [
      ['SASLSSL', { sasl: { ...sasl, password: 'another' }, tls: { ca } }, /invalid credentials/],
      ['SASLSSL', { sasl }, /speaks TLS/],
      ['SASLPLAIN', { sasl, tls: { ca } }, /speaks plaintext/],
      ['SASLPLAIN', {}, /demands SASL/],
      ['MTLS', { tls: { ca } }, /demands a client certificate/],
    ] as const) {
      const reader = openLog({ brokers: secured.at(listener), clientId: 't', deadlineMs: 20_000, security });
      const start = Date.now();
      await assert.rejects(reader.offsets('t'), hasCode('KAFKA_AUTH', says));
      assert.ok(Date.now() - start < 3000, `it took ${Date.now() - start} ms`);
      reader.close();
    }
  });
});
