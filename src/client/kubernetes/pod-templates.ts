import type { V1Deployment, V1PodTemplateSpec, V1StatefulSet } from '@kubernetes/client-node';
import { FlinchError } from '../../core/error.js';
import type { KubernetesPods } from './connection.js';
import { edit, ifThere } from './optimistic.js';
import type { Controller } from './scales.js';

/** What the pods of a controller are made of, as far as an image goes, and how it replaces them. Plain data. */
export interface PodTemplate {
  /** Of the controller: another one of its name is not it. */
  uid: string;
  container: string;
  image: string;
  /** How many pods it has, and how many of them stay while none of those that replace them can start. */
  replicas: number;
  stays: number;
}

/** What controllers make their pods of. Calls throw a FlinchError KUBERNETES. */
export interface PodTemplates {
  /** @throws FlinchError FAULT_INJECT where it would replace no pods, or is about to */
  template(controller: Controller): Promise<PodTemplate>;
  /** The image that its pods are to have; undefined where there is no such controller any more. */
  image(controller: Controller, of: PodTemplate): Promise<string | undefined>;
  /** Asks for another one; nothing where it is not `from` any more. */
  setImage(controller: Controller, of: PodTemplate, change: { from: string; to: string }): Promise<void>;
  /** Whether all its pods are as asked for, and available. */
  rolledOut(controller: Controller): Promise<boolean>;
}

type Workload = V1Deployment | V1StatefulSet;

/** @param main the container that is meant, where pods have several; the first one where none has that name */
export function openPodTemplates(kubernetes: KubernetesPods, main: string): PodTemplates {
  const { namespace } = kubernetes;
  const get = ({ kind, name }: Controller): Promise<Workload> =>
    kubernetes.apps<Workload>(`reading a ${kind}`, (apps, options) =>
      kind === 'Deployment'
        ? apps.readNamespacedDeployment({ namespace, name }, options)
        : apps.readNamespacedStatefulSet({ namespace, name }, options),
    );
  const put = ({ kind, name }: Controller, body: Workload): Promise<Workload> =>
    kubernetes.apps<Workload>(`writing a ${kind}`, (apps, options) =>
      kind === 'Deployment'
        ? apps.replaceNamespacedDeployment({ namespace, name, body: body as V1Deployment }, options)
        : apps.replaceNamespacedStatefulSet({ namespace, name, body: body as V1StatefulSet }, options),
    );
  const refused = ({ kind, name }: Controller, what: string, todo: string) =>
    new FlinchError('FAULT_INJECT', { what, on: `${kind} ${name}`, todo });

  return {
    async template(controller) {
      const now = await get(controller);
      const container = mainOf(now.spec?.template, main);
      const replicas = now.spec?.replicas ?? 1;
      const why = noReplacing(controller, now);
      if (why !== undefined) throw refused(controller, why, 'use deletePod, or scale');
      if (!isRolledOut(now)) {
        throw refused(controller, 'it is replacing pods already, or not all are there', 'wait until all are there');
      }
      const stays = controller.kind === 'Deployment' ? staysOf(now as V1Deployment) : keepsOf(now as V1StatefulSet);
      const uid = now.metadata?.uid ?? '';
      return { uid, container: container?.name ?? '', image: container?.image ?? '', replicas, stays };
    },
    async image(controller, { uid, container }) {
      const now = await ifThere(() => get(controller));
      if (now?.metadata?.uid !== uid) return undefined;
      return now.spec?.template.spec?.containers.find(({ name }) => name === container)?.image;
    },
    async setImage(controller, { uid, container }, { from, to }) {
      await edit(
        controller.name,
        () => ifThere(() => get(controller)),
        (now) => (now.metadata?.uid === uid ? withImage(now, { container, from, to }) : undefined),
        (body) => put(controller, body),
      );
    },
    rolledOut: async (controller) => isRolledOut(await get(controller)),
  };
}

export const mainOf = (template: V1PodTemplateSpec | undefined, main: string) => {
  const containers = template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === main) ?? containers[0];
};

function withImage(now: Workload, { container, from, to }: { container: string; from: string; to: string }) {
  const changed = structuredClone(now);
  const meant = changed.spec?.template.spec?.containers.find(({ name }) => name === container);
  if (meant?.image !== from) return undefined;
  meant.image = to;
  return changed;
}

/** Why a change of what its pods are made of replaces none of them. */
function noReplacing({ kind }: Controller, now: Workload): string | undefined {
  if (kind === 'Deployment') {
    return (now as V1Deployment).spec?.paused ? 'it is paused, and replaces no pods' : undefined;
  }
  const { updateStrategy, replicas = 1 } = (now as V1StatefulSet).spec ?? {};
  if (updateStrategy?.type === 'OnDelete') return 'it replaces only pods that somebody deletes (OnDelete)';
  const { partition = 0 } = updateStrategy?.rollingUpdate ?? {};
  return partition >= replicas ? `it replaces only pods from number ${partition} on` : undefined;
}

function isRolledOut({ metadata, spec, status }: Workload): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec?.replicas ?? 1;
  const partition = spec && 'updateStrategy' in spec ? (spec.updateStrategy?.rollingUpdate?.partition ?? 0) : 0;
  return (
    observedGeneration >= (metadata?.generation ?? 0) &&
    replicas === wanted &&
    availableReplicas === wanted &&
    updatedReplicas >= wanted - partition
  );
}

/** As the controller counts: some may be unavailable, and where neither that nor one more is allowed, one is. */
function staysOf({ spec }: V1Deployment): number {
  const replicas = spec?.replicas ?? 1;
  if (spec?.strategy?.type === 'Recreate') return 0;
  const { maxUnavailable = '25%', maxSurge = '25%' } = spec?.strategy?.rollingUpdate ?? {};
  const gone = shareOf(maxUnavailable, replicas, Math.floor);
  return replicas - Math.min(replicas, gone === 0 && shareOf(maxSurge, replicas, Math.ceil) === 0 ? 1 : gone);
}

/** One goes at a time, from the last one on, and the next when that is ready again. */
function keepsOf({ spec }: V1StatefulSet): number {
  const replicas = spec?.replicas ?? 1;
  const { partition = 0, maxUnavailable = 1 } = spec?.updateStrategy?.rollingUpdate ?? {};
  const gone = Math.max(1, shareOf(maxUnavailable, replicas, Math.ceil));
  return replicas - Math.min(gone, replicas - partition);
}

/** A number, or a share of all: "25%". */
const shareOf = (share: number | string, of: number, round: (x: number) => number): number =>
  typeof share === 'number' ? share : round((Number.parseInt(share, 10) / 100) * of);
