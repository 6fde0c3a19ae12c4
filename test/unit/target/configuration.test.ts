import assert from 'node:assert/strict';
import type { ClusterSpec } from '../../../src/core/scenario.js';
import { kafkaConfig } from '../../../src/target/local/config/kafka.js';
import { mebibytes } from '../../../src/target/local/config/memory.js';
import { kafkaId, type LaunchContext, launchOf } from '../../../src/target/local/launch.js';
import { byRole, endpointsOf, layOut, portsNeeded } from '../../../src/target/local/layout.js';
import { worldPaths } from '../../../src/target/local/world-paths.js';

const spec: ClusterSpec = {
  flink: '1.20',
  highAvailability: 'zookeeper',
  jobManagers: 2,
  taskManagers: 2,
  slots: 2,
  zookeepers: 3,
  brokers: 3,
  disk: 256 * 1024 ** 2,
  flinkConfig: {},
  zookeeperConfig: {},
  kafkaConfig: {},
};

const prepared = (flinkVersion = '1.20.3'): LaunchContext['prepared'] => ({
  flinkVersion,
  java: { path: 'java', major: 17, version: '17' },
  jars: { flink: ['/c/f.jar'], kafka: ['/c/k.jar'], zookeeper: ['/c/z.jar'] },
  classDataDir: '/c/cds',
  recordClassData: true,
  isolation: 'user-namespace',
  lacking: {},
});

const context = (changes: Partial<ClusterSpec> = {}, flinkVersion?: string): LaunchContext => {
  const changed = { ...spec, ...changes };
  const nodes = layOut(changed, 'user-namespace');
  return { spec: changed, prepared: prepared(flinkVersion), nodes, paths: worldPaths('/run/flinch'), clusterId: 'c' };
};

const launch = (name: string, it = context()) => {
  const node = it.nodes.find((candidate) => candidate.name === name);
  assert.ok(node, name);
  return launchOf(node, it);
};
const file = (name: string, ending: string, it = context()): string =>
  launch(name, it).files.find(({ path }) => path.endsWith(ending))?.content ?? '';

describe('the configuration of a local cluster', () => {
  it('leaves everything that shapes the timing of a recovery at its default', () => {
    for (const name of ['jobmanager-1', 'taskmanager-1', 'gateway']) {
      assert.doesNotMatch(
        file(name, 'config.yaml'),
        /heartbeat|session-timeout|restart-strategy|registration|tolerate/,
      );
    }
    assert.match(file('zookeeper-1', 'zoo.cfg'), /^tickTime=2000$/m);
    assert.doesNotMatch(file('broker-1', 'server.properties'), /session|heartbeat|election/);
  });

  it('lets the scenario override what it sets', () => {
    const it = context({
      flinkConfig: { 'web.refresh-interval': '50', 'heartbeat.timeout': '6 s' },
      zookeeperConfig: { tickTime: '500' },
    });
    assert.match(file('jobmanager-2', 'config.yaml', it), /^web\.refresh-interval: "50"$/m);
    assert.match(file('taskmanager-2', 'config.yaml', it), /^heartbeat\.timeout: "6 s"$/m);
    assert.match(file('zookeeper-3', 'zoo.cfg', it), /^tickTime=500$/m);
  });

  it('gives a TaskManager its node name as resource id and JVM limits that follow its sizes', () => {
    assert.match(file('taskmanager-1', 'config.yaml'), /^taskmanager\.resource-id: "taskmanager-1"$/m);
    assert.ok(launch('taskmanager-1').jvm.includes('-Xmx160m'));
    const it = context({ flinkConfig: { 'taskmanager.memory.task.heap.size': '1 gb' } });
    assert.ok(launch('taskmanager-1', it).jvm.includes('-Xmx1088m'));
    assert.deepEqual(['64m', '1g', '2 kb', '1048576', '512 MB'].map(mebibytes), [64, 1024, 1, 1, 512]);
  });

  it('keeps rest ports out of the gateway, which would take them for its own', () => {
    assert.doesNotMatch(file('gateway', 'config.yaml'), /^rest\.(bind-)?port/m);
  });

  it('knows the execution mode of Flink 1 only', () => {
    assert.ok(launch('jobmanager-1').main.includes('--executionMode'));
    assert.ok(!launch('jobmanager-1', context({}, '2.2.0')).main.includes('--executionMode'));
  });

  it('replicates three times on three brokers and once on one', () => {
    const three = layOut(spec, 'user-namespace');
    const one = layOut({ ...spec, brokers: 1 }, 'user-namespace');
    const key = 'transaction.state.log.min.isr';
    assert.equal(kafkaConfig(spec, byRole(three, 'broker')[0]!, three, '/d')[key], '2');
    assert.equal(kafkaConfig(spec, byRole(one, 'broker')[0]!, one, '/d')[key], '1');
    const own = { ...spec, kafkaConfig: { [key]: '3' } };
    assert.equal(kafkaConfig(own, byRole(three, 'broker')[0]!, three, '/d')[key], '3');
    for (let i = 0; i < 200; i++) assert.match(kafkaId(), /^[^-].{21}$/);
  });

  it('puts jars only on the classpath, as class-data archives need it', () => {
    for (const { name } of context().nodes) assert.ok(launch(name).jars.every((jar) => jar.endsWith('.jar')));
  });
});

describe('the layout of a local cluster', () => {
  it('gives each node an address of its own', () => {
    const nodes = layOut({ ...spec, taskManagers: 9 }, 'namespace');
    assert.equal(new Set(nodes.map(({ host }) => host)).size, nodes.length);
    assert.equal(endpointsOf(nodes).haPath, '/flink/flinch');
  });

  it('gives each node ports of its own when all share one address', () => {
    const ports = Array.from({ length: portsNeeded(spec) }, (_, i) => 20_000 + i);
    const nodes = layOut(spec, 'none', ports);
    const used = nodes.flatMap((node) => Object.values(node.ports));
    assert.equal(new Set(used).size, ports.length);
    assert.equal(endpointsOf(nodes).brokers.length, 3);
    assert.throws(() => layOut(spec, 'none', ports.slice(1)), /fewer free ports/);
  });
});
