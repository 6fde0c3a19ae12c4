import { FlinchError } from '../../core/error.js';
import type { PodControl, PodIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import { bySignal, type Ending, type EndingUndo, endingFault, resolveEnding } from '../process/ending.js';
import { chooseVictims, type Victim } from '../process/victims.js';
import type { NodeSelector } from '../schema/nodes.js';

/** Milliseconds from the end of the grace to the end of the process. */
const SLACK = 15_000;

/** A fault that has the pods of nodes go; healed when those that replace them take their part. */
export function leavingFault<Options extends { node: NodeSelector; grace?: number | undefined }>(
  how: Pick<Ending, 'name' | 'means' | 'doing' | 'done'>,
  leave: (pods: PodControl, pod: PodIdentity, undo: EndingUndo) => Promise<void>,
) {
  const fault = endingFault<Options & { duration?: undefined }>({
    ...bySignal('SIGTERM'),
    ...how,
    requires: ['pods'],
    goneWithin: ({ grace = 0 }) => grace + SLACK,
    end: async (victim, undo, context) => leave(podsOf(context), await podOf(victim, context), undo),
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

/** @throws FlinchError CAPABILITY_MISSING */
function podsOf({ cluster: { pods } }: FaultContext): PodControl {
  if (pods) return pods;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of this cluster are no pods' });
}

/** @throws FlinchError FAULT_INJECT when the pod that was chosen is not there any more */
async function podOf({ node, identity }: Victim, context: FaultContext): Promise<PodIdentity> {
  const pod = await podsOf(context).of(node);
  if (pod?.uid === identity.bootId) return pod;
  throw new FlinchError('FAULT_INJECT', { what: 'its pod was replaced between choosing and acting', on: node });
}
