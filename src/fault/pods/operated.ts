import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { wakeable } from '../../core/wake.js';
import type { FlinkDeployment, Operated } from '../../target/ports.js';
import type { FaultContext, Outcome } from '../fault.js';
import { ended } from '../job/operation.js';

/** In the operator's own words: nothing is left to be done. */
export const WELL = 'STABLE';
/** Milliseconds: a savepoint, the end of a cluster and the start of another. */
export const CONTENT_WITHIN = 180_000;
/** It looks again every minute, unless told otherwise. Milliseconds. */
const WELL_WITHIN = 90_000;
/** Milliseconds between looks where the operator says nothing, and at least: many read from an API server. */
const [SELDOM, OFTEN] = [5_000, 250];

/** @throws FlinchError CAPABILITY_MISSING */
export function operatedOf({ cluster: { deployment } }: FaultContext): FlinkDeployment {
  if (deployment) return deployment;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'no operator of Flink made this cluster, or it may not be read',
  });
}

/** What the operator says, which has to be that all is well: of another change it may know for a moment yet. @throws FlinchError FAULT_INJECT */
export async function wellOperated(context: FaultContext): Promise<string> {
  let last = 'the operator could not be asked';
  const look = ({ current, state: { lifecycle = 'nothing', error } }: Operated) => {
    const why = error === undefined ? '' : `: ${error}`;
    last = current
      ? `the operator calls it ${lifecycle}, and not ${WELL}${why}`
      : `the operator has not come to what is asked for now${why}`;
    return current && lifecycle === WELL ? `the operator calls it ${WELL}` : undefined;
  };
  try {
    return await untilOperated('an operator that is content', look, WELL_WITHIN, context);
  } catch (cause) {
    context.signal.throwIfAborted();
    throw new FlinchError('FAULT_INJECT', { what: last, on: 'FlinkDeployment', todo: 'wait until it is', cause });
  }
}

/**
 * Waits for something that the operator says.
 * @param told undefined as long as it does not say it
 * @throws FlinchError DEADLINE; the signal's reason
 */
export const untilOperated = <T>(
  what: string,
  told: (operated: Operated) => T | undefined,
  within: number,
  context: FaultContext,
): Promise<T> =>
  listening(context, (clock, deployment) => {
    const look = async (limit: AbortSignal) => told(await deployment.look(limit));
    return pollUntil(what, look, { every: SELDOM, within, clock, signal: context.signal });
  });

/** Waits for the end of something that the operator does. @param told undefined as long as it goes on */
export const endOperated = (
  what: string,
  told: (operated: Operated) => Omit<Outcome, 'after' | 'by'> | undefined,
  context: FaultContext,
): Promise<Outcome> =>
  listening(context, (clock, deployment) => {
    const look = async (limit: AbortSignal) => told(await deployment.look(limit));
    return ended(what, look, { clock, signal: context.signal }, SELDOM);
  });

/** Gives a clock whose sleep ends when the operator says anything. */
async function listening<T>(
  context: FaultContext,
  act: (clock: Clock, deployment: FlinkDeployment) => Promise<T>,
): Promise<T> {
  const deployment = operatedOf(context);
  const waking = wakeable(context.clock, OFTEN);
  const unwatch = deployment.watch(() => waking.wake());
  try {
    return await act(waking, deployment);
  } finally {
    unwatch();
  }
}
