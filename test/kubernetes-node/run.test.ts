import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { manifest } from '../../src/target/kubernetes/index.js';
import { type Flinch, flinch, SCENARIOS } from '../support/flinch.js';
import { until } from '../support/host-processes.js';
import { startBrokers, type TestBrokers } from '../support/kafka/brokers.js';
import { AUDITED } from '../support/kubernetes/audit.js';
import type { KubernetesLine } from '../support/kubernetes/flink.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import { type FlinkInPods, startFlinkPods } from '../support/kubernetes/node/flink-pods.js';
import { flinkImage } from '../support/kubernetes/node/images.js';
import { type KubernetesNode, startNode } from '../support/kubernetes/node/node.js';
import { installPodChaos } from '../support/kubernetes/node/pod-chaos.js';
import { needsNode } from '../support/kubernetes/node/prerequisites.js';
import { perSecond, toldRequests } from '../support/kubernetes/requests.js';
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper-server.js';
import { runsInside } from './inside.js';

const ON_PODS = join(SCENARIOS, 'kubernetes');
/** All of them take twenty minutes: where nothing is said, each way to act on pods is tried once, on one line or the other. */
const ALL = readdirSync(ON_PODS).map((file) => file.replace(/\.yaml$/, ''));
const CLUSTERS: readonly { line: KubernetesLine; zookeeper?: true; tried: readonly string[] }[] = [
  {
    line: '1.20',
    tried: [
      'delete-leader-pod',
      'kill-leader',
      'partition-taskmanager',
      'cluster-config-map-deleted',
      'scale-down',
      'access-revoked',
    ],
  },
  {
    line: '2.2',
    tried: ['stop-leader-pod', 'api-server-hangs-briefly', 'job-config-map-emptied', 'drain-node', 'image-broken'],
  },
  { line: '1.20', zookeeper: true, tried: ['kill-leader'] },
];
/** Scenarios of the ConfigMaps in which leaders are elected, and of who may write them. */
const NEEDS_LEASE = /config-map|lease|access/;
const ONLY = process.env.FLINCH_ONLY?.split(',');
/** Faults in whose middle the runner dies, whether anybody but the hands heals them, and whether that is tried where nothing is said. */
const DEATHS = [
  { fault: 'pause: { node: taskmanager, duration: 5min }', by: 'flinch heal', always: true },
  {
    fault: 'partition: { between: taskmanager, and: jobmanager.all, duration: 5min }',
    by: 'the hands alone',
    always: true,
  },
  { fault: 'cutApiServer: { duration: 5min }', by: 'the hands alone', always: false },
  { fault: 'deletePod: { node: jobmanager.leader }', by: 'flinch heal', always: false },
  { fault: 'evictPod: { node: taskmanager }', by: 'flinch heal', always: false },
  { fault: 'kill: { node: jobmanager.leader }', by: 'flinch heal', always: false },
  {
    fault: 'drainNode: { node: taskmanager, duration: 5min }',
    by: 'flinch heal of another machine',
    always: true,
  },
  { fault: 'fill: { disk: storage, duration: 5min }', by: 'the hands alone', always: false },
  { fault: 'scale: { role: taskmanager, to: 1, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'damageConfigMap: { configMap: cluster, duration: 5min }', by: 'flinch heal', always: true },
  { fault: 'damageConfigMap: { configMap: job, by: empty, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'breakImage: { role: taskmanager, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'breakImage: { role: jobmanager, duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'revokeAccess: { duration: 5min }', by: 'flinch heal', always: false },
  { fault: 'stealLease: { node: jobmanager.leader, duration: 5min }', by: 'flinch heal', always: false },
] as const;
/** A TaskManager that is away is missed, and tries to come back, within seconds. */
const QUICK = {
  'heartbeat.timeout': '12 s',
  'heartbeat.interval': '3 s',
  'cluster.registration.max-timeout': '2 s',
  'cluster.registration.error-delay': '1 s',
};
/** Leaders in ZooKeeper, where those of pods are in ConfigMaps unless told. */
const inZooKeeper = ({ server }: TestZooKeeper) => ({
  'high-availability.type': 'zookeeper',
  'high-availability.zookeeper.quorum': server,
});
/** Of the API server, a second: others use it as well. */
const MOST_REQUESTS = 3;
const POLL = { every: 500, clock: systemClock, signal: new AbortController().signal };

describe('flinch run on pods', () => {
  let node: KubernetesNode;
  let kafka: TestBrokers;
  let it_: Flinch;

  before(async function () {
    await needsNode(this);
    node = await startNode();
    kafka = await startBrokers({ host: new URL(node.url).hostname });
    it_ = flinch();
  });
  after(async () => {
    await kafka?.end();
    await node?.end();
    if (it_) rmSync(it_.cwd, { recursive: true, force: true });
  });

  for (const { line, zookeeper, tried } of CLUSTERS) {
    describe(`of Flink ${line}${zookeeper ? ', whose leaders are in ZooKeeper' : ''}`, () => {
      let flink: FlinkInPods;
      let where: string[];
      let store: TestZooKeeper | undefined;

      before(async () => {
        if (zookeeper) store = await startZooKeeper(new URL(node.url).hostname);
        const clusterId = `orders-${line.replace('.', '-')}${store ? '-zk' : ''}`;
        const settings = { ...QUICK, ...(store && inZooKeeper(store)) };
        flink = await startFlinkPods({ node, line, clusterId, config: settings, ownDisks: true });
        // As somebody who may do what the Role allows, and nothing else.
        const config = new KubeConfig();
        config.loadFromFile(node.kubeconfig);
        const objects = KubernetesObjectApi.makeApiClient(config);
        const name = flink.clusterId;
        const may = { all: true, bindings: [{ name, role: { kind: 'Role', name } }] };
        for (const object of manifest(flink.namespace, may)) await objects.create(object as KubernetesObject);
        const kubeconfig = await node.kubeconfigOf(`system:serviceaccount:${flink.namespace}:flinch`, [AUDITED]);
        where = [
          ...['--target', 'kubernetes', '--kubeconfig', kubeconfig],
          ...['--namespace', flink.namespace, '--cluster', flink.clusterId],
          ...['--brokers', kafka.bootstrap.join(','), '--gateway', await flink.gateway()],
          ...['--hand-image', flinkImage(line)],
        ];
      });
      after(async () => {
        await flink?.end();
        await store?.end();
      });

      const journal = (): JournalEvent[] => {
        const file = join(it_.runs().at(-1) ?? '', 'journal.ndjson');
        if (!existsSync(file)) return [];
        return readFileSync(file, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((text) => JSON.parse(text) as JournalEvent);
      };
      /** Flink takes the ConfigMap of a job away a moment after the job has ended. */
      const asItWas = (before: readonly string[]) =>
        pollUntil(
          'the namespace as it was',
          async () => {
            assert.deepEqual(await belongingsOf(node, flink.namespace), before);
            return true;
          },
          { ...POLL, within: 30_000 },
        );
      const scenarioWith = (name: string, fault: string) => {
        const file = join(it_.cwd, `${name}.yaml`);
        const text = readFileSync(join(ON_PODS, 'kill-leader.yaml'), 'utf8');
        writeFileSync(
          file,
          text
            .replace('scenario: kill-leader', `scenario: ${name}`)
            .replace(
              /^faults:\n.*$/m,
              `allow: [storage]\nguards: { remain: 0, standby: false }\nfaults:\n  - ${fault}`,
            ),
        );
        return file;
      };

      for (const name of ONLY ?? tried) {
        if (!ALL.includes(name) || (zookeeper && NEEDS_LEASE.test(name))) continue;
        it(`passes ${name}: proven, healed, every record there once, and the cluster as it was`, async () => {
          const before = await belongingsOf(node, flink.namespace);
          const file = join(it_.cwd, `${name}.yaml`);
          // Twice the heartbeat timeout, as it is here.
          const text = readFileSync(join(ON_PODS, `${name}.yaml`), 'utf8').replace('duration: 60s', 'duration: 24s');
          writeFileSync(file, text);
          // Through the API server, on one of the lines.
          const reach = ['--reach', line === '2.2' ? 'forward' : 'auto'];
          const asked = node.requests().length;
          const { code, stdout, stderr } = await it_.run('run', file, ...where, ...reach);
          const requests = node.requests().slice(asked);
          if (process.env.FLINCH_TELL) process.stdout.write(`${stderr}\n${stdout}\n${toldRequests(requests)}\n`);
          assert.equal(code, 0, `${stdout}\n${stderr}`);
          assert.ok(perSecond(requests) <= MOST_REQUESTS, toldRequests(requests));
          const events = journal();
          for (const type of ['fault.effective', 'fault.healed'] as const)
            assert.ok(
              events.some((event) => event.type === type),
              type,
            );
          const checked = events.find((event) => event.type === 'cluster.checked');
          assert.ok(checked?.type === 'cluster.checked' && checked.clean, JSON.stringify(checked));
          await asItWas(before);
        });
      }

      if (line !== '1.20' || zookeeper) return;

      if (!ONLY || ONLY.includes('in-cluster')) runsInside(() => ({ node, flink, it_, where, scenarioWith, asItWas }));

      for (const [acts, what] of [
        [false, 'does not pass where Chaos Mesh is installed and nobody acts on its orders'],
        [true, 'believes Chaos Mesh once the pod is gone'],
      ] as const) {
        if (ONLY && !ONLY.includes('chaos-mesh')) continue;
        it(what, async () => {
          const before = await belongingsOf(node, flink.namespace);
          const chaos = await installPodChaos(node, flink.namespace, { acts });
          try {
            const fault = 'deletePod: { node: taskmanager, grace: 0s, via: chaos-mesh }';
            const { code, stdout, stderr } = await it_.run('run', scenarioWith('by-chaos-mesh', fault), ...where);
            assert.equal(code, acts ? 0 : 2, `${stdout}\n${stderr}`);
            if (!acts) assert.match(stdout, /FAULT_NOT_EFFECTIVE: the deletion of its pod was sent but .* still runs/);
            assert.equal(chaos.seen().length, 1);
            assert.deepEqual(await chaos.left(), []);
          } finally {
            await chaos.remove();
          }
          await asItWas(before);
        });
      }

      for (const [index, { fault, by, always }] of DEATHS.entries()) {
        const isMeant = ONLY ? ONLY.some((it) => it === 'deaths' || fault.startsWith(`${it}:`)) : always;
        if (!isMeant) continue;
        it(`leaves nothing when it dies in the middle of ${fault}: healed by ${by}`, async () => {
          const before = await belongingsOf(node, flink.namespace);
          const name = `death-${index}`;
          const run = it_.start('run', scenarioWith(name, fault), ...where);
          const effective = () => journal().some(({ type }) => type === 'fault.effective');
          await until('the fault', () => it_.runs().at(-1)?.endsWith(name) === true && effective(), 120_000);
          run.child.kill('SIGKILL');
          await run.ended();
          if (by === 'the hands alone') {
            const hands = async () =>
              (await belongingsOf(node, flink.namespace)).filter((it) => it.includes('flinch-hand'));
            const gone = async () => ((await hands()).length === 0 ? true : undefined);
            await pollUntil('the end of the hands', gone, { ...POLL, within: 90_000 });
            await flink.whole();
          }
          // What is left then is the ledger, and the job.
          // Another machine has no ledger but the one on the lock.
          const healer = by === 'flinch heal of another machine' ? flinch() : it_;
          const { code, stdout, stderr } = await healer.run('heal', ...where.slice(0, 8), ...where.slice(-2));
          if (healer !== it_) rmSync(healer.cwd, { recursive: true, force: true });
          if (process.env.FLINCH_TELL) process.stdout.write(`${stdout}\n`);
          assert.equal(code, 0, `${stdout}\n${stderr}`);
          assert.match(stdout, /healed: /);
          await flink.whole();
          await asItWas(before);
        });
      }
    });
  }
});
