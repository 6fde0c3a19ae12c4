import { type KubernetesOptions, openKubernetes } from '../../client/kubernetes/connection.js';
import { haMaps } from '../../client/kubernetes/ha-config-maps.js';
import { messageOf } from '../../core/error.js';
import type { Settings } from '../settings.js';
import type { Facts } from '../subject.js';

/**
 * What the ConfigMaps of a running cluster say. What could not be asked is in `problems`, and then not known.
 * @param now wall milliseconds
 * @throws the signal's reason
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
    problems.push(`what its ConfigMaps say: ${messageOf(error)}`);
    return {};
  }
}
