import type { V1Node } from '@kubernetes/client-node';
import type { Kubernetes } from './connection.js';
import { edit, ifThere } from './optimistic.js';

/** Keeping new pods away from machines. Calls throw a FlinchError KUBERNETES. */
export interface Cordons {
  /** Who keeps them away; undefined where nobody does, or there is no such machine (any more). */
  cordoned(machine: string): Promise<string | undefined>;
  /** Keeps them away; one that is cordoned is left as it is. */
  cordon(machine: string, by: string): Promise<void>;
  /** The opposite; what somebody else has cordoned is left as it is. */
  uncordon(machine: string, by: string): Promise<void>;
}

/** Who does it, written on the machine: nobody else's cordon is ever lifted. */
const OWNER = 'flinch/cordoned-by';

export function openCordons(kubernetes: Kubernetes): Cordons {
  const get = (name: string): Promise<V1Node | undefined> =>
    ifThere(() => kubernetes.call('reading a machine', (core, options) => core.readNode({ name }, options)));

  const change = (name: string, to: (node: V1Node) => V1Node | undefined) =>
    edit(
      name,
      () => get(name),
      to,
      (body) => kubernetes.call('writing a machine', (core, options) => core.replaceNode({ name, body }, options)),
    );

  return {
    async cordoned(machine) {
      const { metadata, spec } = (await get(machine)) ?? {};
      return spec?.unschedulable ? (metadata?.annotations?.[OWNER] ?? 'somebody else') : undefined;
    },
    async cordon(machine, by) {
      await change(machine, ({ metadata, spec, ...rest }) => {
        if (spec?.unschedulable) return undefined;
        const annotations = { ...metadata?.annotations, [OWNER]: by };
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: true } };
      });
    },
    async uncordon(machine, by) {
      await change(machine, ({ metadata, spec, ...rest }) => {
        const { [OWNER]: owner, ...annotations } = metadata?.annotations ?? {};
        if (owner !== by) return undefined;
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: false } };
      });
    },
  };
}
