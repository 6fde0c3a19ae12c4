import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import { LEASE, lease as readLease } from './lease.js';
import type { StoredMap, StoredMaps } from './stored-maps.js';

/** Holding the lease of a Flink cluster in place of a JobManager. Calls throw a FlinchError KUBERNETES or the signal's reason. */
export interface LeaseHand {
  /** Who holds it, and when that one has renewed it last (wall milliseconds of its clock); undefined where nobody does. */
  held(signal: AbortSignal): Promise<{ holder: string; renewed: number } | undefined>;
  /** Takes it from whoever holds it, as a JobManager does after it has run out. */
  take(by: string, signal: AbortSignal): Promise<void>;
  /** Renews it. Whoever does not hold it changes nothing. */
  renew(by: string, signal: AbortSignal): Promise<void>;
  /** Gives it back, so that anybody may take it at once. Whoever does not hold it changes nothing. */
  giveBack(by: string, signal: AbortSignal): Promise<void>;
}

type Fields = Record<string, unknown>;

/** @param name of the cluster's ConfigMap */
export function leaseHand(maps: Pick<StoredMaps, 'read' | 'edit'>, name: string, clock: Clock): LeaseHand {
  // Microseconds, as fabric8 writes them.
  const now = (): string => new Date(clock.wall()).toISOString().replace('Z', '000Z');
  const change = async (
    to: (fields: Fields, holder: string | undefined) => Fields | undefined,
    signal: AbortSignal,
  ) => {
    const edit = (map: StoredMap) => {
      const text = annotated(map);
      const changed = to(JSON.parse(text) as Fields, readLease(text).holder);
      return changed && { lease: JSON.stringify(changed) };
    };
    if (await maps.edit(name, edit, signal)) return;
    throw new FlinchError('KUBERNETES', { what: 'there is no ConfigMap with a lease', on: name });
  };
  return {
    async held(signal) {
      const text = (await maps.read(name, signal))?.annotations[LEASE];
      const { holder, renewed } = text === undefined ? {} : readLease(text);
      return holder === undefined || renewed === undefined ? undefined : { holder, renewed };
    },
    take: (by, signal) =>
      change((fields) => {
        const at = now();
        const leaderTransitions = Number(fields.leaderTransitions) + 1;
        return { ...fields, holderIdentity: by, acquireTime: at, renewTime: at, leaderTransitions };
      }, signal),
    renew: (by, signal) =>
      change((fields, holder) => (holder === by ? { ...fields, renewTime: now() } : undefined), signal),
    giveBack: (by, signal) =>
      change((fields, holder) => {
        if (holder !== by) return undefined;
        const leaseDuration = typeof fields.leaseDuration === 'string' ? 'PT1S' : 1;
        return { ...fields, holderIdentity: '', leaseDuration, renewTime: now() };
      }, signal),
  };
}

/** @throws FlinchError KUBERNETES */
function annotated({ name, annotations }: StoredMap): string {
  const text = annotations[LEASE];
  if (text !== undefined) return text;
  throw new FlinchError('KUBERNETES', { what: 'it has no lease', on: name });
}
