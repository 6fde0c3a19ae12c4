import type { PodControl, PodIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import { bySignal, type Ending, type EndingUndo, endingFault, resolveEnding } from '../process/ending.js';
import { chooseVictims } from '../process/victims.js';
import type { NodeSelector } from '../schema/nodes.js';
import { podOf, podsOf } from './pod-of.js';

/** Milliseconds from the end of the grace to the end of the process. */
const SLACK = 15_000;

/** A fault that has the pods of nodes go; healed when those that replace them take their part. */
export function leavingFault<Options extends { node: NodeSelector; grace?: number | undefined }>(
  how: Pick<Ending, 'name' | 'means' | 'doing' | 'done'>,
  leave: (pods: PodControl, pod: PodIdentity, undo: EndingUndo, context: FaultContext) => Promise<void>,
) {
  const fault = endingFault<Options & { duration?: undefined }>({
    ...bySignal('SIGTERM'),
    ...how,
    requires: ['pods'],
    goneWithin: ({ grace = 0 }) => grace + SLACK,
    end: async (victim, undo, context) => leave(podsOf(context), await podOf(victim, context), undo, context),
  });
  return {
    ...fault,
    async resolve({ node, grace }: Options, context: FaultContext) {
      const pods = podsOf(context);
      const chosen = await resolveEnding(() => chooseVictims(node, context), undefined);
      const found = await Promise.all(chosen.nodes.map((it) => pods.of(it.node)));
      const own = Math.max(0, ...found.map((pod) => pod?.grace ?? 0));
      return { ...chosen, undo: { ...chosen.undo, grace: grace ?? own } };
    },
  };
}
