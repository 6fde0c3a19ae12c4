import type { V1ControllerRevision, V1ObjectMeta, V1PodTemplateSpec, V1ReplicaSet } from '@kubernetes/client-node';
import type { KubernetesPods } from './connection.js';
import { cameAbout } from './optimistic.js';
import type { PodTemplate } from './pod-templates.js';
import type { Controller } from './scales.js';

/** What controllers keep of what their pods were made of before. Calls throw a FlinchError KUBERNETES. */
export interface LeftoverTemplates {
  /** Takes away what the controller has kept of an image, once no pod has it. @returns what is left of it, by name */
  forget(controller: Controller, of: PodTemplate, image: string): Promise<string[]>;
}

interface Kept {
  name: string;
  uid: string;
  /** Whether pods are made of it, or are yet there. */
  used: boolean;
}

export function openLeftoverTemplates(kubernetes: KubernetesPods): LeftoverTemplates {
  const { namespace } = kubernetes;

  /** A Deployment has a ReplicaSet of each. */
  async function replicaSets(of: PodTemplate, image: string): Promise<Kept[]> {
    const { items } = await kubernetes.apps('listing ReplicaSets', (apps, options) =>
      apps.listNamespacedReplicaSet({ namespace }, options),
    );
    return items
      .filter(({ metadata, spec }) => isOf(metadata, of) && has(spec?.template, of, image))
      .map((it) => kept(it, (it.spec?.replicas ?? 1) > 0 || (it.status?.replicas ?? 0) > 0));
  }

  /** A StatefulSet has a ControllerRevision of each. */
  async function revisions(name: string, of: PodTemplate, image: string): Promise<Kept[]> {
    const { items } = await kubernetes.apps('listing ControllerRevisions', (apps, options) =>
      apps.listNamespacedControllerRevision({ namespace }, options),
    );
    const ours = items.filter(
      ({ metadata, data }) =>
        isOf(metadata, of) && has((data as { spec?: { template?: V1PodTemplateSpec } })?.spec?.template, of, image),
    );
    if (ours.length === 0) return [];
    const { status } = await kubernetes.apps('reading a StatefulSet', (apps, options) =>
      apps.readNamespacedStatefulSet({ namespace, name }, options),
    );
    const used = [status?.currentRevision, status?.updateRevision];
    return ours.map((it) => kept(it, used.includes(it.metadata?.name)));
  }

  return {
    async forget({ kind, name: controller }, of, image) {
      const all = kind === 'Deployment' ? await replicaSets(of, image) : await revisions(controller, of, image);
      for (const { name, uid, used } of all) {
        if (used) continue;
        const body = { preconditions: { uid } };
        await cameAbout(() =>
          kubernetes.apps(`deleting ${name}`, (apps, options) =>
            kind === 'Deployment'
              ? apps.deleteNamespacedReplicaSet({ namespace, name, body }, options)
              : apps.deleteNamespacedControllerRevision({ namespace, name, body }, options),
          ),
        );
      }
      return all.map(({ name }) => name);
    },
  };
}

const isOf = (metadata: V1ObjectMeta | undefined, { uid }: PodTemplate): boolean =>
  metadata?.ownerReferences?.some((owner) => owner.controller && owner.uid === uid) === true;

const has = (template: V1PodTemplateSpec | undefined, { container }: PodTemplate, image: string): boolean =>
  template?.spec?.containers?.some((it) => it.name === container && it.image === image) === true;

const kept = ({ metadata }: V1ReplicaSet | V1ControllerRevision, used: boolean): Kept => ({
  name: metadata?.name ?? '',
  uid: metadata?.uid ?? '',
  used,
});
