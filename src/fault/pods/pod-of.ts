import { FlinchError } from '../../core/error.js';
import type { PodControl, PodIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import type { Victim } from '../process/victims.js';

/** From the end of a pod's grace to the end of its process. Milliseconds. */
export const SLACK = 15_000;

/** What only a cluster in pods has. @throws FlinchError CAPABILITY_MISSING */
export function ofPods<T>(control: T | undefined): T {
  if (control) return control;
  throw new FlinchError('CAPABILITY_MISSING', { what: 'the nodes of this cluster are no pods' });
}

/** @throws FlinchError CAPABILITY_MISSING */
export const podsOf = ({ cluster: { pods } }: FaultContext): PodControl => ofPods(pods);

/** The longest time that the pods of these nodes get to end in their own way. Milliseconds. */
export async function graceOf(nodes: readonly string[], context: FaultContext): Promise<number> {
  const pods = await Promise.all(nodes.map((node) => podsOf(context).of(node)));
  return Math.max(0, ...pods.map((pod) => pod?.grace ?? 0));
}

/** @throws FlinchError FAULT_INJECT when the pod that was chosen is not there any more */
export async function podOf({ node, identity }: Victim, context: FaultContext): Promise<PodIdentity> {
  const pod = await podsOf(context).of(node);
  if (pod?.uid === identity.bootId) return pod;
  throw new FlinchError('FAULT_INJECT', { what: 'its pod was replaced between choosing and acting', on: node });
}
