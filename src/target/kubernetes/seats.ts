import type { Pod } from '../../client/kubernetes/pod.js';
import type { ClusterNode } from '../ports.js';

/**
 * Pods come and go, each with a name and an address of its own; the nodes of a cluster stay. A seat is a node's place, and
 * a pod that comes takes the one that another has left.
 */
export interface Seats {
  /** The pod that has this seat now. */
  podOf(seat: string): Pod | undefined;
  /** The seat of whoever is meant: a pod by its name, uid or address, also one that is gone; a TaskManager by Flink's id of it. */
  seatOf(whom: string): string | undefined;
  /** Seats the pods as they are now. */
  settle(pods: readonly Pod[]): void;
  /** The uid of the pod on each seat, for whoever heals later. */
  taken(): Record<string, string>;
}

/**
 * @param roleOf the role of a pod; undefined for one that is none of the cluster's
 * @param before uids of the pods that had seats in an earlier run: they keep them
 */
export function seats(
  nodes: readonly Pick<ClusterNode, 'name' | 'role'>[],
  roleOf: (pod: Pod) => string | undefined,
  before: Readonly<Record<string, string>> = {},
): Seats {
  const seated = new Map<string, Pod>();
  const kept = new Map(Object.entries(before));
  /** Every name, uid and address that was ever seen. */
  const known = new Map<string, string>();

  /** One that was asked to go keeps its seat while its process runs: it may still lead. */
  const holds = (pod: Pod): boolean => !pod.leaving || pod.container?.running === true;

  function settle(pods: readonly Pod[]): void {
    const byUid = new Map(pods.map((pod) => [pod.uid, pod]));
    for (const { name } of nodes) {
      const now = byUid.get(seated.get(name)?.uid ?? kept.get(name) ?? '');
      kept.delete(name);
      if (now && holds(now)) seated.set(name, now);
      else seated.delete(name);
    }
    const taken = new Set([...seated.values()].map(({ uid }) => uid));
    const waiting = pods.filter((pod) => !taken.has(pod.uid) && holds(pod));
    for (const { name, role } of nodes) {
      if (seated.has(name)) continue;
      const next = waiting.findIndex((pod) => roleOf(pod) === role);
      if (next < 0) continue;
      const [pod] = waiting.splice(next, 1);
      if (pod) seated.set(name, pod);
    }
    for (const [name, pod] of seated) {
      for (const key of [pod.name, pod.uid, pod.ip]) if (key !== undefined) known.set(key, name);
    }
  }

  return {
    podOf: (seat) => seated.get(seat),
    // Flink names a TaskManager after its pod, or after its address and port, as it is configured.
    seatOf: (whom) => known.get(whom) ?? known.get(whom.replace(/:.*$/, '')),
    settle,
    taken: () => Object.fromEntries([...seated].map(([name, { uid }]) => [name, uid])),
  };
}
