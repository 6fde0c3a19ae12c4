/**
 * How long a takeover takes in pods whose leader is asked to end: `npm run bench:pod-takeover [runs]`. On a real node, by deleting the
 * pod of the leader with its own grace; beside what Flink's settings promise.
 */
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { openKubernetes } from '../src/client/kubernetes/connection.js';
import { type ClusterMap, haMaps } from '../src/client/kubernetes/ha-config-maps.js';
import { systemClock } from '../src/core/clock.js';
import { pollUntil } from '../src/core/poll.js';
import { KUBERNETES_LINES, type KubernetesLine } from '../test/support/kubernetes/flink.js';
import { startFlinkPods } from '../test/support/kubernetes/node/flink-pods.js';
import { startNode } from '../test/support/kubernetes/node/node.js';
import { jobRuns } from './job-runs.js';

const POLL = { every: 100, within: 120_000, clock: systemClock, signal: new AbortController().signal };
/** A lease is renewed every 5 s: the end comes at any moment of that. Milliseconds. */
const PERIOD = 5_000;
const seconds = (ms: number): string => (ms / 1000).toFixed(1);
const [runs = '10'] = process.argv.slice(2);

console.log('| Flink | another holder, s | its address, s | job running, s | transitions |');
console.log('| --- | --- | --- | --- | --- |');
const node = await startNode();
const config = new KubeConfig();
config.loadFromFile(node.kubeconfig);
const core = config.makeApiClient(CoreV1Api);
for (const line of Object.keys(KUBERNETES_LINES) as KubernetesLine[]) {
  const clusterId = `orders-${line.replace('.', '-')}`;
  const flink = await startFlinkPods({ node, line, clusterId });
  const { namespace } = flink;
  const kubernetes = await openKubernetes({ kubeconfig: node.kubeconfig, namespace });
  const job = await flink.submit();
  const read = async (): Promise<ClusterMap | undefined> => (await haMaps(kubernetes, clusterId)).cluster;
  const addressOf = (map: ClusterMap | undefined) => map?.leaders.get('restserver')?.address;
  const runsAt = (url: string) => jobRuns(url, job);
  for (let run = 0; run < Number(runs); run++) {
    await flink.whole();
    const led = async () => {
      const map = await read();
      return addressOf(map) === undefined ? undefined : map;
    };
    const before = await pollUntil('a leader', led, POLL);
    const old = addressOf(before) ?? '';
    await pollUntil('the job', () => runsAt(old), POLL);
    await systemClock.sleep(PERIOD + (run * PERIOD) / Number(runs));
    const [name = ''] = Object.entries(await flink.rest()).find(([, url]) => url === old) ?? [];
    const began = systemClock.mono();
    const since = () => systemClock.mono() - began;
    await core.deleteNamespacedPod({ name, namespace });
    const another = async () => {
      const holder = (await read())?.lease?.holder;
      return (holder !== undefined && holder !== before.lease?.holder) || undefined;
    };
    await pollUntil('another holder', another, POLL);
    const holder = since();
    const elsewhere = async () => {
      const address = addressOf(await read());
      return address === old ? undefined : address;
    };
    const address = await pollUntil('another address', elsewhere, POLL);
    const moved = since();
    await pollUntil('the job again', () => runsAt(address), POLL);
    const transitions = ((await read())?.lease?.transitions ?? 0) - (before.lease?.transitions ?? 0);
    const { version } = KUBERNETES_LINES[line];
    console.log(`| ${version} | ${seconds(holder)} | ${seconds(moved)} | ${seconds(since())} | +${transitions} |`);
  }
  await flink.end();
}
await node.end();
process.exit(0);
