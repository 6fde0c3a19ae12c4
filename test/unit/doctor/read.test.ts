import assert from 'node:assert/strict';
import { agreed, kafkaProperties } from '../../../src/doctor/read/properties.js';
import { subjectsOf } from '../../../src/doctor/read/subjects.js';
import { flinkVersion } from '../../../src/doctor/settings.js';
import { hasCode } from '../../support/has-code.js';

const only = (file: string, text: string) => {
  const [subject, ...others] = subjectsOf(file, text);
  assert.ok(subject && others.length === 0);
  return subject;
};
const written = (file: string, text: string) =>
  only(file, text).settings.all.map(({ key, value, line, column }) => `${line}:${column} ${key}=${value}`);

describe('doctor/read', () => {
  it('takes nested and flat keys, as Flink does, with their places', () => {
    const text =
      'heartbeat:\n  interval: 5 s\n  timeout: 30 s\nstate.backend.type: rocksdb\njars: [a.jar, b.jar]\nv: 1.20\n';
    assert.deepEqual(written('config.yaml', text), [
      '2:3 heartbeat.interval=5 s',
      '3:3 heartbeat.timeout=30 s',
      '4:1 state.backend.type=rocksdb',
      '5:1 jars=a.jar;b.jar',
      '6:1 v=1.20',
    ]);
  });

  it('takes flink-conf.yaml line by line, though it is no YAML', () => {
    const text =
      '# a comment\nenv.java.opts: -Dx: y # why\r\n  high-availability: zookeeper\nbroken line\nkey:value\n: x\n';
    assert.deepEqual(written('conf/flink-conf.yaml', text), [
      '2:1 env.java.opts=-Dx: y',
      '3:3 high-availability=zookeeper',
    ]);
  });

  it('takes every FlinkDeployment of a file, and nothing else of it', () => {
    const text = `kind: Service
---
kind: FlinkDeployment
spec:
  flinkVersion: v2_2
  flinkConfiguration:
    heartbeat.timeout: 20 s
  jobManager:
    replicas: 2
    podTemplate:
      spec:
        containers:
          - name: sidecar
            livenessProbe: { httpGet: { port: 1 }, periodSeconds: 1 }
          - name: flink-main-container
            livenessProbe: { httpGet: { port: 8081 }, periodSeconds: 7 }
  taskManager: { replicas: 3 }
  job: { upgradeMode: last-state }
---
kind: FlinkDeployment
spec:
  flinkVersion: v1_20
  podTemplate:
    spec:
      containers:
        - name: flink-main-container
          livenessProbe: { tcpSocket: { port: 6123 } }
`;
    const [first, second] = subjectsOf('all.yaml', text);
    assert.deepEqual(first?.facts, {
      jobManagers: 2,
      taskManagers: 3,
      upgradeMode: 'last-state',
      livenessProbe: { initialDelay: 0, period: 7000, failureThreshold: 3 },
    });
    assert.equal(first?.settings.flink?.text, '2.2');
    assert.equal(first?.settings.asked('heartbeat.timeout')?.line, 7);
    assert.deepEqual(second?.facts, { jobManagers: 1 });
  });

  it('lets the last of two equal keys count, and knows older names', () => {
    const { settings } = only('config.yaml', 'high-availability: none\nhigh-availability: zookeeper\nx: 1\n');
    assert.equal(settings.value('high-availability.type'), 'zookeeper');
    assert.equal(settings.duration('heartbeat.timeout'), 50_000);
    assert.equal(settings.number('heartbeat.rpc-failure-threshold'), 2);
  });

  it('knows versions as people and the operator write them', () => {
    const of = (text: string) => flinkVersion(text)?.text;
    assert.deepEqual(['1.20', '1.20.3', 'v1_20', '2.3-SNAPSHOT', 'latest'].map(of), [
      '1.20',
      '1.20.3',
      '1.20',
      '2.3',
      undefined,
    ]);
  });

  for (const [name, text, says] of [
    ['a list', '- a\n- b\n', /^there is no configuration of Flink in it - x\.yaml/],
    ['nothing', '', /no configuration/],
    ['another resource', 'kind: ConfigMap\ndata: {}\n', /no configuration/],
    ['broken YAML', 'a: [1\nb: 2\n', /^is no YAML: .* - x\.yaml:2:1/],
    ['a bomb', `a: ${'['.repeat(50)}`, /nested too deeply/],
  ] as const) {
    it(`refuses ${name}, and says where`, () =>
      assert.throws(() => subjectsOf('x.yaml', text), hasCode('CONFIG_UNREADABLE', says)));
  }
});

describe('doctor/read/properties', () => {
  const told = (text: string) => kafkaProperties(text, 'kafka.properties');

  it('takes what rules ask for from a producer, a consumer and a broker, as Java writes them', () => {
    const text =
      '# ours\n! and theirs\ntransaction.timeout.ms = 60000\ntransaction.max.timeout.ms:900000\nclient.id=a\\\n  b\nisolation.level read_committed\n';
    assert.deepEqual(told(text), {
      ...{ transactionTimeout: 60_000, transactionMaxTimeout: 900_000, isolationLevel: 'read_committed' },
    });
    assert.deepEqual(told('properties.transaction.timeout.ms=1000\n'), { transactionTimeout: 1_000 });
    assert.deepEqual(told('__proto__=1\nclient.id=x\n'), {});
  });

  it('knows that a consumer which says nothing of isolation reads what is not committed', () => {
    assert.deepEqual(told('group.id=reports\n'), { isolationLevel: 'read_uncommitted' });
    assert.deepEqual(told('bootstrap.servers=b:9092\n'), {});
  });

  it('takes the worse of what several files say', () => {
    assert.deepEqual(
      agreed([{ transactionTimeout: 900_000, isolationLevel: 'read_committed' }, { transactionTimeout: 60_000 }]),
      { transactionTimeout: 60_000, isolationLevel: 'read_committed' },
    );
    assert.deepEqual(agreed([{ isolationLevel: 'read_committed' }, { isolationLevel: 'read_uncommitted' }]), {
      isolationLevel: 'read_uncommitted',
    });
    assert.deepEqual(agreed([{}]), {});
  });

  it('refuses what no client would take', () => {
    assert.throws(
      () => told('transaction.timeout.ms=1 min\n'),
      hasCode('CONFIG_UNREADABLE', /transaction\.timeout\.ms is "1 min"/),
    );
    assert.throws(() => told('isolation.level=serializable\n'), hasCode('CONFIG_UNREADABLE', /isolation\.level is/));
  });
});
