import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig, type KubernetesObject, KubernetesObjectApi } from '@kubernetes/client-node';
import { systemClock } from '../../../../src/core/clock.js';
import { pollUntil } from '../../../../src/core/poll.js';
import type { JournalEvent } from '../../../../src/journal/events.js';
import { manifest } from '../../../../src/target/kubernetes/index.js';
import { type Flinch, flinch, SCENARIOS } from '../../flinch.js';
import { startBrokers, type TestBrokers } from '../../kafka/brokers.js';
import { startZooKeeper } from '../../zookeeper-server.js';
import { AUDITED } from '../audit.js';
import type { KubernetesLine } from '../flink.js';
import { belongingsOf } from './belongings.js';
import { type FlinkInPods, startFlinkPods } from './flink-pods.js';
import { flinkImage } from './images.js';
import { type KubernetesNode, startNode } from './node.js';

/** Where scenarios for pods lie. */
export const ON_PODS = join(SCENARIOS, 'kubernetes');
/** What is asked of the tests on pods: scenarios, faults in whose middle a run dies, or kinds of tests. Undefined where nothing is. */
export const ONLY = process.env.FLINCH_ONLY?.split(',');

/** A TaskManager that is away is missed, and tries to come back, within seconds. */
const QUICK = {
  'heartbeat.timeout': '12 s',
  'heartbeat.interval': '3 s',
  'cluster.registration.max-timeout': '2 s',
  'cluster.registration.error-delay': '1 s',
};
/** Leaders in ZooKeeper, where those of pods are in ConfigMaps unless told. */
const inZooKeeper = (server: string) => ({
  'high-availability.type': 'zookeeper',
  'high-availability.zookeeper.quorum': server,
});

/** A node, brokers that its pods reach, and Flinch. */
export interface Lab {
  node: KubernetesNode;
  kafka: TestBrokers;
  it_: Flinch;
  end(): Promise<void>;
}

export async function startLab(): Promise<Lab> {
  const node = await startNode();
  const it_ = flinch();
  let kafka: TestBrokers | undefined;
  const end = async () => {
    await kafka?.end();
    await node.end();
    rmSync(it_.cwd, { recursive: true, force: true });
  };
  try {
    kafka = await startBrokers({ host: new URL(node.url).hostname });
    return { node, kafka, it_, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A Flink cluster on its node, and somebody outside who may do there what the Role allows, and nothing else. */
export interface Subject {
  node: KubernetesNode;
  flink: FlinkInPods;
  it_: Flinch;
  /** The options by which it is found. */
  where: readonly string[];
  /** Of the latest run; empty before it has one. */
  journal(): JournalEvent[];
  /** A file with a scenario of this name and fault. */
  scenarioWith(name: string, fault: string): string;
  /** Waits until the namespace, and the node, have what they had. */
  asItWas(before: readonly string[]): Promise<unknown>;
  end(): Promise<void>;
}

export async function startSubject(
  { node, kafka, it_ }: Lab,
  { line, zookeeper = false }: { line: KubernetesLine; zookeeper?: boolean },
): Promise<Subject> {
  const store = zookeeper ? await startZooKeeper(new URL(node.url).hostname) : undefined;
  const clusterId = `orders-${line.replace('.', '-')}${store ? '-zk' : ''}`;
  const config = { ...QUICK, ...(store && inZooKeeper(store.server)) };
  const flink = await startFlinkPods({ node, line, clusterId, config, ownDisks: true });
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(node.kubeconfig);
  const objects = KubernetesObjectApi.makeApiClient(kubeconfig);
  const role = { kind: 'Role', name: clusterId };
  for (const object of manifest(flink.namespace, { all: true, bindings: [{ name: clusterId, role }] }))
    await objects.create(object as KubernetesObject);
  const user = await node.kubeconfigOf(`system:serviceaccount:${flink.namespace}:flinch`, [AUDITED]);
  return {
    node,
    flink,
    it_,
    where: [
      ...['--target', 'kubernetes', '--kubeconfig', user],
      ...['--namespace', flink.namespace, '--cluster', flink.clusterId],
      ...['--brokers', kafka.bootstrap.join(','), '--gateway', await flink.gateway()],
      ...['--hand-image', flinkImage(line)],
    ],
    journal() {
      const file = join(it_.runs().at(-1) ?? '', 'journal.ndjson');
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      return lines.map((text) => JSON.parse(text) as JournalEvent);
    },
    // Flink takes the ConfigMap of a job away a moment after the job has ended.
    asItWas: (before) =>
      pollUntil(
        'the namespace as it was',
        async () => {
          assert.deepEqual(await belongingsOf(node, flink.namespace), before);
          return true;
        },
        { every: 500, clock: systemClock, signal: new AbortController().signal, within: 30_000 },
      ),
    scenarioWith(name, fault) {
      const file = join(it_.cwd, `${name}.yaml`);
      const faults = `allow: [storage]\nguards: { remain: 0, standby: false }\nfaults:\n  - ${fault}`;
      const text = readFileSync(join(ON_PODS, 'kill-leader.yaml'), 'utf8');
      writeFileSync(file, text.replace('scenario: kill-leader', `scenario: ${name}`).replace(/^faults:\n.*$/m, faults));
      return file;
    },
    async end() {
      await flink.end();
      await store?.end();
    },
  };
}
