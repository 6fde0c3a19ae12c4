import { FlinchError } from '../../core/error.js';
import type { FlinkDeployment } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';

/** In the operator's own words: nothing is left to be done. */
export const WELL = 'STABLE';
/** Milliseconds: a savepoint, the end of a cluster and the start of another. */
export const CONTENT_WITHIN = 180_000;

/** @throws FlinchError CAPABILITY_MISSING */
export function operatedOf({ cluster: { deployment } }: FaultContext): FlinkDeployment {
  if (deployment) return deployment;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'no operator of Flink made this cluster, or it may not be read',
  });
}

/** What the operator says, which has to be that all is well. @throws FlinchError FAULT_INJECT */
export async function wellOperated(context: FaultContext): Promise<string> {
  const { lifecycle } = (await operatedOf(context).state(context.signal)) ?? {};
  if (lifecycle === WELL) return `the operator calls it ${WELL}`;
  const what = `the operator calls it ${lifecycle ?? 'nothing'}, and not ${WELL}`;
  throw new FlinchError('FAULT_INJECT', { what, on: 'FlinkDeployment', todo: 'wait until it is' });
}
