/**
 * How long a takeover takes where leaders are elected by a lease in a ConfigMap: `npm run bench:lease-takeover [kill|stop] [runs]`.
 * Against a real control plane, with Flink as processes on loopback; beside what Flink's settings promise.
 */
import { openKubernetes } from '../src/client/kubernetes/connection.js';
import { type ClusterMap, haMaps } from '../src/client/kubernetes/ha-config-maps.js';
import { systemClock } from '../src/core/clock.js';
import { pollUntil } from '../src/core/poll.js';
import { recoverySettings } from '../src/observe/index.js';
import { Configuration } from '../src/predict/configuration.js';
import { predict, sinceTheFault } from '../src/predict/predict.js';
import { startControlPlane } from '../test/support/kubernetes/control-plane.js';
import { KUBERNETES_LINES, type KubernetesLine, startFlinkUnderKubernetes } from '../test/support/kubernetes/flink.js';
import { jobRuns } from './job-runs.js';

const CLUSTER = 'orders';
const POLL = { every: 100, within: 90_000, clock: systemClock, signal: new AbortController().signal };
/** A lease is renewed every 5 s: the fault comes at any moment of that. Milliseconds. */
const PERIOD = 5_000;

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

interface Taken {
  holder: number;
  address: number;
  running: number;
  transitions: number;
}

async function takeovers(line: KubernetesLine, how: 'kill' | 'stop', runs: number): Promise<Taken[]> {
  const plane = await startControlPlane();
  const taken: Taken[] = [];
  try {
    const flink = await startFlinkUnderKubernetes({ line, plane, clusterId: CLUSTER });
    try {
      const kubernetes = await openKubernetes({ kubeconfig: plane.kubeconfig });
      const job = await flink.submit();
      const read = async (): Promise<ClusterMap | undefined> => (await haMaps(kubernetes, CLUSTER)).cluster;
      const addressOf = (map: ClusterMap | undefined): string | undefined => map?.leaders.get('restserver')?.address;
      const runsAt = (url: string) => jobRuns(url, job);
      for (let run = 0; run < runs; run++) {
        const before = await pollUntil(
          'a leader',
          async () => {
            const map = await read();
            return addressOf(map) === undefined ? undefined : map;
          },
          POLL,
        );
        const old = addressOf(before);
        await pollUntil('the job', () => runsAt(old ?? ''), POLL);
        await systemClock.sleep(PERIOD + (run * PERIOD) / runs);
        const [name = ''] = Object.entries(flink.rest).find(([, url]) => url === old) ?? [];
        const began = systemClock.mono();
        if (how === 'kill') await flink.kill(name);
        else process.kill(flink.pid(name), 'SIGTERM');
        const since = () => systemClock.mono() - began;
        await pollUntil(
          'another holder',
          async () => {
            const holder = (await read())?.lease?.holder;
            return (holder !== undefined && holder !== before.lease?.holder) || undefined;
          },
          POLL,
        );
        const holder = since();
        const after = await pollUntil(
          'another address',
          async () => {
            const map = await read();
            const address = addressOf(map);
            return address !== undefined && address !== old ? map : undefined;
          },
          POLL,
        );
        const address = since();
        await pollUntil('the job again', () => runsAt(addressOf(after) ?? ''), POLL);
        const transitions = ((await read())?.lease?.transitions ?? 0) - (before.lease?.transitions ?? 0);
        taken.push({ holder, address, running: since(), transitions });
        await flink.start(name);
        await flink.whole(name);
      }
    } finally {
      await flink.end();
    }
  } finally {
    await plane.end();
  }
  return taken;
}

/** What Flink's own defaults promise of the next leader. */
function promised(how: 'kill' | 'stop'): string {
  const set = new Configuration(recoverySettings({ 'high-availability.type': 'kubernetes' }));
  const prediction = predict({
    kind: how,
    options: { node: 'jobmanager.leader' },
    set,
    cluster: { jobManagers: 2, taskManagers: 1, slots: 2, zookeepers: 0, brokers: 0 },
    job: { guarantee: 'exactly-once', parallelism: 1 },
    restarts: 0,
  });
  const at = sinceTheFault(prediction).get('newLeader');
  return at ? `${seconds(at.atLeast)} to ${seconds(at.atMost ?? Number.POSITIVE_INFINITY)} s` : 'nothing';
}

const [how = 'kill', runs = '6'] = process.argv.slice(2);
if (how !== 'kill' && how !== 'stop') throw new Error(`"${how}" is neither kill nor stop`);
console.log(`${how} of the leader; its settings promise the next one after ${promised(how)}`);
console.log('| Flink | another holder, s | its address, s | job running, s | transitions |');
console.log('| --- | --- | --- | --- | --- |');
for (const line of Object.keys(KUBERNETES_LINES) as KubernetesLine[]) {
  for (const { holder, address, running, transitions } of await takeovers(line, how, Number(runs))) {
    const { version } = KUBERNETES_LINES[line];
    console.log(`| ${version} | ${seconds(holder)} | ${seconds(address)} | ${seconds(running)} | +${transitions} |`);
  }
}
process.exit(0);
