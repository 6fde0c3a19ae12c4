/** Starts a local cluster, breaks and mends it, and prints one JSON line per step. First argument: extra Flink configuration. */
import { systemClock } from '../../src/core/clock.js';
import { toFlinchError } from '../../src/core/error.js';
import type { ClusterSpec } from '../../src/core/scenario.js';
import {
  enter,
  type Prepared,
  prepare,
  startCluster,
  takeHandedOver,
  watchLifeline,
} from '../../src/target/local/index.js';

watchLifeline();
const [runDir = '', flinkConfig = '{}'] = process.argv.slice(2);
const spec: ClusterSpec = {
  flink: '1.20',
  highAvailability: 'zookeeper',
  jobManagers: 1,
  taskManagers: 1,
  slots: 1,
  zookeepers: 1,
  brokers: 1,
  disk: 128 * 1024 ** 2,
  flinkConfig: JSON.parse(flinkConfig) as Record<string, string>,
  zookeeperConfig: {},
  kafkaConfig: {},
};
const say = (step: string, value: unknown) => console.log(JSON.stringify({ step, value }));

async function live(prepared: Prepared): Promise<void> {
  const signal = new AbortController().signal;
  const cluster = await startCluster(spec, prepared, { runDir, clock: systemClock, signal });
  say('up', cluster.nodes.length);
  const exits: unknown[] = [];
  cluster.onExit(({ node, signal: how }) => exits.push([node, how]));
  const before = await cluster.processes.identify('taskmanager-1');
  if (!before) throw new Error('no TaskManager');
  await cluster.processes.signal(before, 'SIGKILL');
  while (await cluster.processes.alive(before)) await systemClock.sleep(10);
  await systemClock.sleep(100);
  say('killed', { exits, now: (await cluster.processes.identify('taskmanager-1')) ?? null });
  const after = await cluster.processes.start('taskmanager-1');
  const again = await cluster.processes.start('taskmanager-1');
  say('started', { other: after.pid !== before.pid, same: again.pid === after.pid });
  await cluster.stop({ record: false });
  say('stopped', await Promise.all(cluster.nodes.map(({ name }) => cluster.processes.identify(name))));
}

try {
  const handed = takeHandedOver<Prepared>();
  const prepared = handed ?? (await prepare(spec));
  const code = handed ? undefined : await enter(prepared.isolation, prepared);
  if (code === undefined) await live(prepared);
  process.exit(code ?? 0);
} catch (error) {
  const { code, message } = toFlinchError(error);
  say('failed', { code, message });
  process.exit(1);
}
