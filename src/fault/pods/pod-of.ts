import { FlinchError } from '../../core/error.js';
import type { PodControl, PodIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import type { Victim } from '../process/victims.js';

/** @throws FlinchError CAPABILITY_MISSING */
export function podsOf({ cluster: { pods } }: FaultContext): PodControl {
  if (pods) return pods;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of this cluster are no pods' });
}

/** @throws FlinchError FAULT_INJECT when the pod that was chosen is not there any more */
export async function podOf({ node, identity }: Victim, context: FaultContext): Promise<PodIdentity> {
  const pod = await podsOf(context).of(node);
  if (pod?.uid === identity.bootId) return pod;
  throw new FlinchError('FAULT_INJECT', { what: 'its pod was replaced between choosing and acting', on: node });
}
