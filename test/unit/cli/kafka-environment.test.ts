import assert from 'node:assert/strict';
import { securityFromEnvironment } from '../../../src/cli/kafka-options.js';
import { hasCode } from '../../support/has-code.js';

describe('how brokers are spoken to, by the environment', () => {
  it('is in plain text where nothing is said', () => {
    assert.equal(securityFromEnvironment({}), undefined);
    assert.equal(securityFromEnvironment({ FLINCH_KAFKA_TLS: '0' }), undefined);
    assert.deepEqual(securityFromEnvironment({ FLINCH_KAFKA_TLS: '1' }), { tls: true });
  });

  for (const [env, says] of [
    [{ FLINCH_KAFKA_SASL: 'GSSAPI' }, /FLINCH_KAFKA_SASL GSSAPI is not right - write PLAIN or/],
    [{ FLINCH_KAFKA_SASL: 'PLAIN' }, /name the user with FLINCH_KAFKA_USERNAME/],
    [{ FLINCH_KAFKA_TLS: 'yes' }, /FLINCH_KAFKA_TLS=yes is not right - write 1 or 0/],
    [{ FLINCH_KAFKA_CA: '/nowhere.pem' }, /FLINCH_KAFKA_CA \/nowhere\.pem is not right - name a PEM file/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(env)}`, () => {
      assert.throws(() => securityFromEnvironment(env), hasCode('USAGE', says));
    });
  }
});
