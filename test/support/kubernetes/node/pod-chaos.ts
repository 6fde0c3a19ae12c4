import {
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  type V1CustomResourceDefinition,
} from '@kubernetes/client-node';
import { systemClock } from '../../../../src/core/clock.js';
import { pollForever, pollUntil } from '../../../../src/core/poll.js';

/** What Chaos Mesh is to those who ask it for something: a kind of the API, and somebody who acts on it or not. */
export interface InstalledPodChaos {
  /** Names of the orders that were seen so far. */
  seen(): string[];
  /** Names of those that are there now. */
  left(): Promise<string[]>;
  /** Takes the kind away, with all of its objects. */
  remove(): Promise<void>;
}

const KIND = { group: 'chaos-mesh.org', version: 'v1alpha1', plural: 'podchaos' } as const;
const NAME = `${KIND.plural}.${KIND.group}`;
const POLL = { every: 200, within: 30_000, clock: systemClock, signal: new AbortController().signal };

const definition = (): V1CustomResourceDefinition => ({
  metadata: { name: NAME },
  spec: {
    group: KIND.group,
    scope: 'Namespaced',
    names: { kind: 'PodChaos', listKind: 'PodChaosList', plural: KIND.plural, singular: KIND.plural },
    versions: [
      {
        name: KIND.version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', x_kubernetes_preserve_unknown_fields: true } },
      },
    ],
  },
});

interface Order extends KubernetesObject {
  spec: { gracePeriod?: number; selector: { pods: Record<string, string[]> } };
}

/** Without the controllers and daemons of Chaos Mesh, which cannot be had. @param acts deletes the pods that an order names */
export async function installPodChaos(
  { kubeconfig }: { kubeconfig: string },
  namespace: string,
  { acts }: { acts: boolean },
): Promise<InstalledPodChaos> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [kinds, custom, core] = [
    config.makeApiClient(ApiextensionsV1Api),
    config.makeApiClient(CustomObjectsApi),
    config.makeApiClient(CoreV1Api),
  ];
  const orders = async (): Promise<Order[]> =>
    ((await custom.listNamespacedCustomObject({ ...KIND, namespace })) as { items: Order[] }).items;
  await kinds.createCustomResourceDefinition({ body: definition() });
  await pollUntil('a kind that is served', async () => ((await orders()) ? true : undefined), POLL);

  const seen = new Set<string>();
  const over = new AbortController();
  const act = async () => {
    for (const { metadata, spec } of await orders()) {
      const name = metadata?.name ?? '';
      if (seen.has(name)) continue;
      seen.add(name);
      if (!acts) continue;
      for (const pod of spec.selector.pods[namespace] ?? []) {
        await core.deleteNamespacedPod({ name: pod, namespace, gracePeriodSeconds: spec.gracePeriod ?? 0 });
      }
    }
  };
  void pollForever(act, () => {}, { every: 200, clock: systemClock, signal: over.signal });
  return {
    seen: () => [...seen],
    left: async () => (await orders()).map(({ metadata }) => metadata?.name ?? ''),
    async remove() {
      over.abort();
      await kinds.deleteCustomResourceDefinition({ name: NAME });
      const gone = () =>
        kinds.readCustomResourceDefinition({ name: NAME }).then(
          () => undefined,
          (error: { code?: unknown }) => error.code === 404 || undefined,
        );
      await pollUntil('the end of a kind', gone, POLL);
    },
  };
}
