import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { LeaseHand } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';

/** Milliseconds for a JobManager to take the lease, and to renew it. */
const RENEWED_WITHIN = 90_000;

/** @throws FlinchError CAPABILITY_MISSING */
export function leaseOf({ cluster: { configMaps, endpoints } }: FaultContext): LeaseHand {
  if (configMaps) return configMaps.lease;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'the leader of this cluster is elected in ZooKeeper, not by a lease',
    on: endpoints.haPath,
  });
}

/**
 * Whoever led before hears of its loss when it would renew the lease: until then two may lead. So the next one has to have
 * renewed it twice.
 */
export function renewedAgain(context: FaultContext): Promise<string> {
  const { clock, signal } = context;
  let last: { holder: string; renewed: number } | undefined;
  let renewals = 0;
  const look = async (s: AbortSignal) => {
    const now = await leaseOf(context).held(s);
    if (now?.holder !== last?.holder) renewals = 0;
    else if (now?.renewed !== last?.renewed) renewals++;
    last = now;
    return now && renewals >= 2 ? `${now.holder} holds the lease, and has renewed it twice` : undefined;
  };
  // Several looks to each renewal.
  return pollUntil('a lease that is renewed', look, { every: 1_000, within: RENEWED_WITHIN, clock, signal });
}
