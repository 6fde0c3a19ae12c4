import type { PodControl, PodIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import { bySignal, type Ending, type EndingUndo, endingFault, resolveEnding } from '../process/ending.js';
import { chooseVictims } from '../process/victims.js';
import type { NodeSelector } from '../schema/nodes.js';
import { graceOf, podOf, podsOf, SLACK } from './pod-of.js';

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
      // Where there are no pods nobody is chosen.
      podsOf(context);
      const chosen = await resolveEnding(() => chooseVictims(node, context), undefined);
      const own = () =>
        graceOf(
          chosen.nodes.map((it) => it.node),
          context,
        );
      return { ...chosen, undo: { ...chosen.undo, grace: grace ?? (await own()) } };
    },
  };
}
