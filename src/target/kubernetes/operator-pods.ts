import { type KubernetesPods, openKubernetes } from '../../client/kubernetes/connection.js';
import { podOf } from '../../client/kubernetes/pod.js';
import type { OperatorPods } from '../ports.js';
import type { KubernetesPlace } from './place.js';
import { deletePod } from './pod-control.js';

/** As the Helm chart of the operator has it. */
const LABELS = 'app.kubernetes.io/name=flink-kubernetes-operator';

/** The operator is somewhere else than the clusters that it made: whoever heals knows where it was. */
export function operatorPodsFor(place: KubernetesPlace): OperatorPods {
  const clients = new Map<string, Promise<KubernetesPods>>();
  const at = (namespace: string): Promise<KubernetesPods> => {
    const client = clients.get(namespace) ?? openKubernetes({ ...place, namespace });
    clients.set(namespace, client);
    return client;
  };
  return {
    namespace: place.operatorNamespace,
    async list(namespace) {
      const kubernetes = await at(namespace);
      const { items } = await kubernetes.call('listing pods of the operator', (core, options) =>
        core.listNamespacedPod({ namespace, labelSelector: LABELS }, options),
      );
      return items
        .map((item) => podOf(item, undefined))
        .map(({ name, uid, grace, ready, leaving }) => ({ name, uid, grace, ready: ready && !leaving }));
    },
    delete: async (namespace, pod, grace) => deletePod(await at(namespace), pod, grace),
  };
}
