import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { RunState } from '../run-state.js';

/** The timer looks once a second. Milliseconds. */
const WITHIN = 5_000;

/**
 * No fault where nobody would end it should this run die: waits until the dead-man timer beside the cluster hears us. A
 * cluster that dies with its runner needs none. @throws FlinchError GUARD; the signal's reason
 */
export async function assertArmed({ cluster, clock, signal }: RunState): Promise<void> {
  const { deadManArmed } = cluster;
  if (!deadManArmed) return;
  try {
    await pollUntil('hearing this run', async () => (await deadManArmed()) || undefined, {
      every: 200,
      within: WITHIN,
      clock,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('GUARD', {
      what: 'the dead-man timer beside the cluster does not hear this run, so a fault could outlive it',
      on: messageOf(cause),
      todo:
        cluster.target === 'local'
          ? 'start the cluster anew: flinch down, then flinch up'
          : 'see that pods named flinch-hand-... run in its namespace, and that its API server can be reached',
      cause,
    });
  }
}
