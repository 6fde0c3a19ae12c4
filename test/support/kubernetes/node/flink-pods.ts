import { join } from 'node:path';
import { CoreV1Api, KubeConfig, type KubernetesObject, KubernetesObjectApi, type V1Pod } from '@kubernetes/client-node';
import { systemClock } from '../../../../src/core/clock.js';
import { messageOf } from '../../../../src/core/error.js';
import { pollUntil } from '../../../../src/core/poll.js';
import { getJson } from '../../../../src/target/local/reachable.js';
import { type KubernetesLine, submitted } from '../flink.js';
import { type FlinkPodsPlan, gatewayManifests, manifestsOf, type PodRole, portOf } from './flink-manifests.js';
import { flinkImage } from './images.js';
import type { KubernetesNode } from './node.js';

export interface FlinkPodsOptions {
  node: KubernetesNode;
  line: KubernetesLine;
  /** Of its own: made, and removed at the end. It is the name of all else, too. */
  clusterId: string;
  /** 2 unless told, each. */
  jobManagers?: number;
  taskManagers?: number;
  /** Over the defaults, for every process. */
  config?: Readonly<Record<string, string>>;
  /** Whether its storage, and what each pod works on, are small file systems of their own. */
  ownDisks?: boolean;
}

/** A session cluster in pods, whose leaders are elected in Kubernetes. */
export interface FlinkInPods {
  readonly namespace: string;
  readonly clusterId: string;
  /** Base URL of the REST API of each JobManager that has an address, by its pod: as it is now. */
  rest(): Promise<Record<string, string>>;
  /** Pods of a role that are not about to go. */
  pods(role: PodRole): Promise<V1Pod[]>;
  /** Waits until as many JobManagers as there should be know all TaskManagers. */
  whole(): Promise<void>;
  /** Submits a job from `datagen` to `blackhole` that takes checkpoints, by an SQL gateway that the first call starts. Its id. */
  submit(): Promise<string>;
  /** Base URL of the SQL gateway, which the first call starts. */
  gateway(): Promise<string>;
  /** What a pod's container has said since its last start. */
  logs(pod: string): Promise<string>;
  /** Removes all of it, and seen gone. */
  end(): Promise<void>;
}

/** Milliseconds a cluster may take until it is whole, and pods until they are gone. */
const START_MS = 240_000;
const GONE_MS = 120_000;
const POLL = { every: 250, clock: systemClock, signal: new AbortController().signal };
/** Slots of each TaskManager. */
const SLOTS = 2;

/** @throws FlinchError DEADLINE, with what pods say, when it does not become whole */
export async function startFlinkPods(options: FlinkPodsOptions): Promise<FlinkInPods> {
  const { node, line, clusterId, jobManagers = 2, taskManagers = 2, config = {}, ownDisks = false } = options;
  const namespace = clusterId;
  const storage = join(node.dir, 'storage', clusterId);
  const plan: FlinkPodsPlan = { line, namespace, clusterId, jobManagers, taskManagers, storage, ownDisks, config };
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromFile(node.kubeconfig);
  const core = kubeconfig.makeApiClient(CoreV1Api);
  const objects = KubernetesObjectApi.makeApiClient(kubeconfig);
  const create = async (manifests: readonly KubernetesObject[]) => {
    for (const manifest of manifests) await objects.create(manifest);
  };

  const pods = async (role: PodRole): Promise<V1Pod[]> => {
    const labelSelector = `app=${clusterId},component=${role}`;
    const { items } = await core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(({ metadata, status }) => !metadata?.deletionTimestamp && !status?.reason);
  };
  const urls = async (role: PodRole): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await pods(role)).flatMap(({ metadata, status }) =>
        status?.podIP ? [[metadata?.name ?? '', `http://${status.podIP}:${portOf(role)}`]] : [],
      ),
    );
  const rest = () => urls('jobmanager');
  const logs = (name: string) => core.readNamespacedPodLog({ name, namespace });

  const isWhole = async (limit: AbortSignal): Promise<true | undefined> => {
    const all = Object.values(await rest());
    if (all.length < jobManagers) return undefined;
    const overviews = await Promise.all(all.map((url) => getJson(`${url}/overview`, limit)));
    const known = ({ taskmanagers, 'slots-total': slots }: Record<string, unknown>) =>
      taskmanagers === taskManagers && slots === taskManagers * SLOTS;
    return overviews.every(known) || undefined;
  };
  const said = async (): Promise<string> => {
    const { items } = await core.listNamespacedPod({ namespace });
    const each = items.map(async ({ metadata, status }) => {
      const name = metadata?.name ?? '';
      const log = await logs(name).catch(messageOf);
      return `== ${name}: ${JSON.stringify(status?.containerStatuses?.map(({ state }) => state))}\n${log.slice(-3000)}`;
    });
    return (await Promise.all(each)).join('\n');
  };
  const until = (what: string, look: (limit: AbortSignal) => Promise<true | undefined>) =>
    pollUntil(what, look, { ...POLL, within: START_MS }).catch(async (cause: unknown) => {
      throw new Error(`${messageOf(cause)}\n${await said().catch(messageOf)}`, { cause });
    });
  const whole = async () => {
    await until('a cluster that is whole', isWhole);
  };
  const serves = async (limit: AbortSignal) => {
    const [gateway] = Object.values(await urls('gateway'));
    if (gateway !== undefined) await getJson(`${gateway}/info`, limit);
    return gateway === undefined ? undefined : true;
  };
  const end = async () => {
    const gone = async () =>
      core.readNamespace({ name: namespace }).then(
        () => undefined,
        (error: { code?: unknown }) => error.code === 404 || undefined,
      );
    await core.deleteNamespace({ name: namespace });
    await pollUntil('the end of a namespace', gone, { ...POLL, within: GONE_MS });
  };

  await node.load(flinkImage(line));
  if (ownDisks) await node.mount(storage, '256m');
  let gateway: Promise<void> | undefined;
  const startGateway = async () => {
    await create(gatewayManifests(plan));
    await until('an SQL gateway', serves);
  };
  const gatewayUrl = async () => {
    gateway ??= startGateway();
    await gateway;
    const [url = ''] = Object.values(await urls('gateway'));
    return url;
  };
  try {
    await create(manifestsOf(plan));
    await whole();
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
  return {
    namespace,
    clusterId,
    rest,
    pods,
    whole,
    logs,
    gateway: gatewayUrl,
    submit: async () => submitted(await gatewayUrl()),
    end,
  };
}
