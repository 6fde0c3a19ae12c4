import { FlinchError } from '../../core/error.js';
import type { KubernetesPods } from './connection.js';
import { ifThere } from './optimistic.js';

/** What asks Chaos Mesh to do something to pods. Calls throw a FlinchError KUBERNETES. */
export interface PodChaos {
  /** Whether the API server knows what Chaos Mesh calls a PodChaos; nothing says whether anybody acts on one. */
  known(): Promise<boolean>;
  /** Asks for the deletion of a pod. @param grace milliseconds; that of the pod unless told */
  kill(order: { name: string; pod: string; grace?: number; labels: Record<string, string> }): Promise<void>;
  /** Takes an order back; one that is not there is left alone. */
  remove(name: string): Promise<void>;
  exists(name: string): Promise<boolean>;
}

const KIND = { group: 'chaos-mesh.org', version: 'v1alpha1', plural: 'podchaos' } as const;

export function openPodChaos(kubernetes: KubernetesPods): PodChaos {
  const { namespace } = kubernetes;
  const unlessGone = async (work: () => Promise<object>): Promise<boolean> => (await ifThere(work)) !== undefined;
  return {
    known: () =>
      unlessGone(() =>
        kubernetes.custom('listing PodChaos', (api, options) =>
          api.listNamespacedCustomObject({ ...KIND, namespace, limit: 1 }, options),
        ),
      ),
    async kill({ name, pod, grace, labels }) {
      const body = {
        apiVersion: `${KIND.group}/${KIND.version}`,
        kind: 'PodChaos',
        metadata: { name, namespace, labels },
        spec: {
          action: 'pod-kill',
          mode: 'all',
          selector: { namespaces: [namespace], pods: { [namespace]: [pod] } },
          ...(grace === undefined ? {} : { gracePeriod: Math.ceil(grace / 1000) }),
        },
      };
      const made = await unlessGone(() =>
        kubernetes.custom('making a PodChaos', (api, options) =>
          api.createNamespacedCustomObject({ ...KIND, namespace, body }, options),
        ),
      );
      if (!made) throw new FlinchError('KUBERNETES', { what: 'there is no kind PodChaos', on: kubernetes.server });
    },
    remove: async (name) => {
      await unlessGone(() =>
        kubernetes.custom('deleting a PodChaos', (api, options) =>
          api.deleteNamespacedCustomObject({ ...KIND, namespace, name }, options),
        ),
      );
    },
    exists: (name) =>
      unlessGone(() =>
        kubernetes.custom('reading a PodChaos', (api, options) =>
          api.getNamespacedCustomObject({ ...KIND, namespace, name }, options),
        ),
      ),
  };
}
