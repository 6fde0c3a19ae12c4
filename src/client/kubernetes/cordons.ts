import type { V1Node } from '@kubernetes/client-node';
import { FlinchError } from '../../core/error.js';
import { isConflict, type Kubernetes } from './connection.js';

/** Keeping new pods away from machines. Calls throw a FlinchError KUBERNETES. */
export interface Cordons {
  /** Who keeps them away; undefined where nobody does. */
  cordoned(machine: string): Promise<string | undefined>;
  /** Keeps them away; one that is cordoned is left as it is. */
  cordon(machine: string, by: string): Promise<void>;
  /** The opposite; what somebody else has cordoned is left as it is. */
  uncordon(machine: string, by: string): Promise<void>;
}

/** Who does it, written on the machine: nobody else's cordon is ever lifted. */
const OWNER = 'flinch/cordoned-by';
/** Kubelet writes to it as well. */
const TRIES = 20;

export function openCordons(kubernetes: Kubernetes): Cordons {
  const get = (name: string): Promise<V1Node> =>
    kubernetes.call('reading a machine', (core, options) => core.readNode({ name }, options));

  async function edit(name: string, change: (node: V1Node) => V1Node | undefined): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const body = change(await get(name));
      if (body === undefined) return;
      try {
        await kubernetes.call('writing a machine', (core, options) => core.replaceNode({ name, body }, options));
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    throw new FlinchError('KUBERNETES', { what: `somebody else wrote it ${TRIES} times in a row`, on: name });
  }

  return {
    async cordoned(machine) {
      const { metadata, spec } = await get(machine);
      return spec?.unschedulable ? (metadata?.annotations?.[OWNER] ?? 'somebody else') : undefined;
    },
    cordon: (machine, by) =>
      edit(machine, ({ metadata, spec, ...rest }) => {
        if (spec?.unschedulable) return undefined;
        const annotations = { ...metadata?.annotations, [OWNER]: by };
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: true } };
      }),
    uncordon: (machine, by) =>
      edit(machine, ({ metadata, spec, ...rest }) => {
        const { [OWNER]: owner, ...annotations } = metadata?.annotations ?? {};
        if (owner !== by) return undefined;
        return { ...rest, metadata: { ...metadata, annotations }, spec: { ...spec, unschedulable: false } };
      }),
  };
}
