import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { examine } from '../../../src/doctor/examine.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import type { Example, Rule } from '../../../src/doctor/rule.js';
import { RULES } from '../../../src/doctor/rules.js';
import { flinkVersion } from '../../../src/doctor/settings.js';
import type { Facts, Subject } from '../../../src/doctor/subject.js';

const ROOT = new URL('../../../', import.meta.url);
const ruleOf = (code: string): Rule => {
  const rule = RULES.find((it) => it.code === code);
  assert.ok(rule, `there is no rule ${code}`);
  return rule;
};

const subjects = ({ text, as, flink, facts = {} }: Example): Subject[] =>
  subjectsOf(as === 'deployment' ? 'deployment.yaml' : 'config.yaml', text, flinkVersion(flink ?? '')).map((it) => ({
    ...it,
    facts: { ...it.facts, ...facts },
  }));

/** What one rule says of a configuration. */
const said = (code: string, text: string, facts?: Facts, flink?: string): string[] =>
  subjects({ text, ...(facts && { facts }), ...(flink === undefined ? {} : { flink }) })
    .flatMap((subject) => examine(subject, [ruleOf(code)]))
    .map(({ severity, what }) => `${severity}: ${what}`);

const ZK = 'high-availability.type: zookeeper\n';
const SESSION = 'high-availability.zookeeper.client.session-timeout';

describe('doctor/rules', () => {
  for (const rule of RULES) {
    it(`${rule.code}: finds the one and not the other`, () => {
      const [bad, good] = [rule.examples.bad, rule.examples.good].map((example) =>
        subjects(example).flatMap((subject) => examine(subject, [rule])),
      );
      assert.ok(bad && bad.length > 0, 'the bad example is not found');
      assert.deepEqual(good, []);
      for (const { what, fix } of bad) assert.doesNotMatch(`${what} ${fix}`, /undefined|NaN|\.$/);
    });
  }

  it('have a file each, and each file is a rule', () => {
    const files = readdirSync(fileURLToPath(new URL('src/doctor/rules/', ROOT))).map((file) => file.replace('.ts', ''));
    assert.deepEqual(files.sort(), RULES.map(({ code }) => code).sort());
  });

  it('have a section in the docs', () => {
    const page = readFileSync(fileURLToPath(new URL('docs/doctor.md', ROOT)), 'utf8');
    for (const { code } of RULES) assert.match(page, new RegExp(`^## \`${code}\`$`, 'm'));
  });

  it('say little of a configuration that is as it should be', () => {
    const text = `
high-availability:
  type: zookeeper
  storageDir: s3://flink/ha
  cluster-id: /orders
  zookeeper:
    quorum: zk-1:2181,zk-2:2181,zk-3:2181
    client: { session-timeout: 20 s, tolerate-suspended-connections: true }
heartbeat: { interval: 5 s, timeout: 30 s }
execution.checkpointing:
  interval: 10 s
  timeout: 2 min
  dir: s3://flink/checkpoints
  num-retained: 3
  tolerable-failed-checkpoints: 3
  externalized-checkpoint-retention: RETAIN_ON_CANCELLATION
`;
    assert.deepEqual(
      subjects({ text, flink: '2.3.0' }).flatMap((it) => examine(it)),
      [],
    );
  });

  it('session-clamped: believes what the server says, and guesses only where a session was chosen', () => {
    assert.deepEqual(said('session-clamped', ZK), []);
    assert.match(
      said('session-clamped', ZK, { grantedSession: 40_000 }).join(),
      /^note: 1min are asked for, and the server has granted 40s, 20 ticks at most$/,
    );
    assert.match(said('session-clamped', `${ZK}${SESSION}: 2 s\n`).join(), /2s are asked for.*grants 4s$/);
    assert.deepEqual(said('session-clamped', `${ZK}${SESSION}: 60 s\n`, { grantedSession: 60_000 }), []);
  });

  it('restart-attempts: knows each strategy', () => {
    const of = (text: string) => said('restart-attempts', `restart-strategy:\n${text}`);
    assert.match(of('  type: none\n').join(), /^error: no task is ever restarted$/);
    assert.match(of('  type: failure-rate\n').join(), /^warning: 1 failures in 1min are too many/);
    assert.deepEqual(of('  type: fixed-delay\n  fixed-delay: { attempts: 2147483647, delay: 1 s }\n'), []);
    assert.match(said('restart-attempts', 'restart-strategy: fixeddelay\n').join(), /1 restarts, one after 1s each/);
  });

  it('known-defect: knows where each begins and ends, and takes a minor version for any of its patches', () => {
    const of = (flink: string, text = ZK) => said('known-defect', text, {}, flink).join();
    assert.match(of('1.20.3'), /CURATOR-696/);
    assert.doesNotMatch(of('1.17.2'), /CURATOR-696/);
    assert.doesNotMatch(of('2.3.0'), /CURATOR-696/);
    assert.match(of('1.20'), /FLINK-36451/);
    assert.doesNotMatch(of('1.20.1'), /FLINK-36451/);
    assert.doesNotMatch(of('1.18.2', 'high-availability.type: kubernetes\n'), /FLINK-34007/);
    assert.match(of('1.20.4', 'state.backend: rocksdb\nstate.backend.incremental: true\n'), /FLINK-38574/);
    assert.equal(of('2.1.2', 'state.backend: rocksdb\nstate.backend.incremental: true\n'), '');
    assert.equal(said('known-defect', ZK).join(), '');
  });

  it('transaction-timeout: tells what is refused, what is lost for sure, and what may be', () => {
    const of = (timeout: number, most = 900_000) =>
      said('transaction-timeout', 'execution.checkpointing.interval: 1 min\n', {
        kafka: { transactionTimeout: timeout, transactionMaxTimeout: most },
      });
    assert.match(of(3_600_000).join(), /^error: the sink asks for 1h, and brokers grant 15min at most/);
    assert.match(of(60_000).join(), /^error: a transaction lasts 1min/);
    assert.match(of(600_000).join(), /^warning: a transaction lasts 10min/);
    assert.deepEqual(of(3_600_000, 3_600_000), []);
  });

  it('one-zookeeper: notes an even number too', () => {
    const of = (quorum: string) => said('one-zookeeper', `${ZK}high-availability.zookeeper.quorum: ${quorum}\n`).join();
    assert.match(of('a:1,b:1'), /^note: 2 servers bear no more losses than 1$/);
    assert.equal(of('a:1,b:1,c:1'), '');
  });
});
