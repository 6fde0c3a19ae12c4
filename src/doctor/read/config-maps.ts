import { type KubernetesOptions, openKubernetes } from '../../client/kubernetes/connection.js';
import { haMaps } from '../../client/kubernetes/ha-config-maps.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { Settings } from '../settings.js';
import type { Facts } from '../subject.js';

/**
 * What the ConfigMaps of a running cluster say. What could not be asked is in `problems`, and then not known.
 * @param now wall milliseconds
 * @throws FlinchError KUBECONFIG for one that is named and cannot be used; the signal's reason
 */
export async function configMapFacts(
  settings: Settings,
  told: KubernetesOptions,
  { problems, now, signal }: { problems: string[]; now: () => number; signal: AbortSignal },
): Promise<Facts> {
  const clusterId = settings.value('kubernetes.cluster-id') ?? '';
  if (clusterId === '') return {};
  try {
    // Flink takes this one, whatever the context of the kubeconfig says.
    const namespace = told.namespace ?? settings.value('kubernetes.namespace') ?? 'default';
    const kubernetes = await openKubernetes({ ...told, namespace });
    const { cluster, jobs } = await haMaps(kubernetes, clusterId, signal);
    const place = `namespace ${kubernetes.namespace} of ${kubernetes.server}`;
    if (!cluster) return { configMaps: { place, owned: [] } };
    const owned = [cluster, ...jobs.values()].flatMap(({ name, owners }) => owners.map((owner) => ({ name, owner })));
    const { lease } = cluster;
    return {
      configMaps: {
        place,
        name: cluster.name,
        owned,
        ...(lease && {
          lease: { held: lease.holder !== undefined, duration: lease.duration, age: now() - lease.renewed },
        }),
      },
    };
  } catch (error) {
    signal.throwIfAborted();
    // What somebody has named has to be there; what might be there may be missing.
    const named = told.kubeconfig !== undefined || told.context !== undefined;
    if (named && error instanceof FlinchError && error.code === 'KUBECONFIG') throw error;
    problems.push(`what its ConfigMaps say: ${messageOf(error)}`);
    return {};
  }
}
