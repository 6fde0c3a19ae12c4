import type { V1NetworkPolicy } from '@kubernetes/client-node';
import { isConflict, type KubernetesPods } from './connection.js';
import { ifThere } from './optimistic.js';

export type PolicySpec = NonNullable<V1NetworkPolicy['spec']>;
export type PolicyPeer = NonNullable<NonNullable<PolicySpec['egress']>[number]['to']>[number];

/** Who may connect to pods, and whom they may connect to. That somebody enforces it is not said by anybody. Calls throw a FlinchError KUBERNETES. */
export interface NetworkPolicies {
  /** Makes one; one of that name that is there is left as it is. */
  create(policy: { name: string; labels: Record<string, string>; spec: PolicySpec }): Promise<void>;
  /** Takes one away; one that is not there is left alone. */
  remove(name: string): Promise<void>;
  exists(name: string): Promise<boolean>;
}

export function openNetworkPolicies(kubernetes: KubernetesPods): NetworkPolicies {
  const { namespace } = kubernetes;
  return {
    async create({ name, labels, spec }) {
      const body = { metadata: { name, namespace, labels }, spec };
      try {
        await kubernetes.networking('making a NetworkPolicy', (api, options) =>
          api.createNamespacedNetworkPolicy({ namespace, body }, options),
        );
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    },
    async remove(name) {
      await ifThere(() =>
        kubernetes.networking('deleting a NetworkPolicy', (api, options) =>
          api.deleteNamespacedNetworkPolicy({ namespace, name }, options),
        ),
      );
    },
    exists: async (name) =>
      (await ifThere(() =>
        kubernetes.networking('reading a NetworkPolicy', (api, options) =>
          api.readNamespacedNetworkPolicy({ namespace, name }, options),
        ),
      )) !== undefined,
  };
}
