import assert from 'node:assert/strict';
import { type EngineOptionValues, engineOf } from '../../../src/cli/flink-engine.js';
import { hasCode } from '../../support/has-code.js';

const GATEWAY = 'http://gateway:8083';
const engine = (more: Partial<EngineOptionValues>, secure = false) =>
  engineOf(
    { engine: 'flink-sql', gateway: GATEWAY, jobDeadline: '30min', ...more },
    secure ? { tls: true } : undefined,
  );

describe('the engine of a reconciliation', () => {
  it('is the reader, or Flink with what it needs to know', () => {
    assert.equal(engineOf({ engine: 'reader', jobDeadline: '30min' }, undefined), undefined);
    assert.deepEqual(engine({ flinkProperty: ['bootstrap.servers=a:1,b:2', 'sasl.jaas.config=x y="z=1";'] }), {
      gateway: GATEWAY,
      deadlineMs: 1_800_000,
      properties: { 'bootstrap.servers': 'a:1,b:2', 'sasl.jaas.config': 'x y="z=1";' },
    });
    assert.equal(engine({ parallelism: '16' })?.parallelism, 16);
    assert.ok(engine({ flinkProperty: ['security.protocol=SSL'] }, true));
  });

  for (const [name, more, secure, says] of [
    ['another engine', { engine: 'spark' }, false, /--engine spark is not right - write reader or flink-sql/],
    ['no gateway', { gateway: 'gateway:8083' }, false, /name a SQL gateway/],
    ['a gateway for the reader', { engine: 'reader' }, false, /--gateway without --engine flink-sql/],
    ['a parallelism of none', { parallelism: '0' }, false, /--parallelism 0/],
    ['a deadline without a unit', { jobDeadline: '30' }, false, /--job-deadline 30/],
    ['what decides which records are read', { flinkProperty: ['isolation.level=x'] }, false, /isolation.level/],
    ['a property without a value', { flinkProperty: ['secret'] }, false, /^(?!.*secret).*without a name and =/],
    ['TLS that Flink is not told of', {}, true, /security.protocol/],
  ] as const) {
    it(`is refused with ${name}`, () => {
      const options = 'flinkProperty' in more ? { ...more, flinkProperty: [...more.flinkProperty] } : more;
      assert.throws(() => engine(options, secure), hasCode('USAGE', says));
    });
  }
});
