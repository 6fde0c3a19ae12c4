import { pollUntil } from '../../core/poll.js';
import type { FaultContext } from '../fault.js';
import type { Victim } from './victims.js';

/** Waits for the end of exactly this process. @param within milliseconds @throws FlinchError DEADLINE; the signal's reason */
export const processEnds = (
  { node, identity }: Pick<Victim, 'node' | 'identity'>,
  within: number,
  { cluster, clock, signal }: FaultContext,
): Promise<true> =>
  pollUntil(`the end of ${node}`, async () => ((await cluster.processes.alive(identity)) ? undefined : true), {
    every: 10,
    within,
    clock,
    signal,
  });
