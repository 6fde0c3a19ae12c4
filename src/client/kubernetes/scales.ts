import type { V1Scale } from '@kubernetes/client-node';
import type { KubernetesPods } from './connection.js';
import { edit } from './optimistic.js';

/** What makes the pods of a role, and as many as it is told. Plain data. */
export interface Controller {
  kind: 'Deployment' | 'StatefulSet';
  name: string;
}

/** How many pods controllers are to have. Calls throw a FlinchError KUBERNETES. */
export interface Scales {
  replicas(controller: Controller): Promise<number>;
  /** Asks for another number; nothing where it is not `from` any more. */
  scale(controller: Controller, from: number, to: number): Promise<void>;
}

export function openScales(kubernetes: KubernetesPods): Scales {
  const { namespace } = kubernetes;
  const get = ({ kind, name }: Controller): Promise<V1Scale> =>
    kubernetes.apps('reading a scale', (apps, options) =>
      kind === 'Deployment'
        ? apps.readNamespacedDeploymentScale({ namespace, name }, options)
        : apps.readNamespacedStatefulSetScale({ namespace, name }, options),
    );
  const put = ({ kind, name }: Controller, body: V1Scale): Promise<V1Scale> =>
    kubernetes.apps('writing a scale', (apps, options) =>
      kind === 'Deployment'
        ? apps.replaceNamespacedDeploymentScale({ namespace, name, body }, options)
        : apps.replaceNamespacedStatefulSetScale({ namespace, name, body }, options),
    );
  return {
    replicas: async (controller) => (await get(controller)).spec?.replicas ?? 0,
    async scale(controller, from, to) {
      await edit(
        controller.name,
        () => get(controller),
        (now) => ((now.spec?.replicas ?? 0) === from ? { ...now, spec: { ...now.spec, replicas: to } } : undefined),
        (body) => put(controller, body),
      );
    },
  };
}
