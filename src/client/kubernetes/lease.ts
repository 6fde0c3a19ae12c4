import { FlinchError } from '../../core/error.js';

/** Where fabric8's leader election, which Flink uses, keeps who leads: an annotation of the cluster's ConfigMap. */
export const LEASE = 'control-plane.alpha.kubernetes.io/leader';

/** Who holds the leadership. Times are wall milliseconds, by the clock of whoever wrote them. */
export interface Lease {
  /** A name that each JobManager makes up for itself; absent where it was given back. */
  holder?: string;
  /** Milliseconds after a renewal until somebody else may take it. */
  duration: number;
  acquired: number;
  renewed: number;
  /** How often it went from one to another. */
  transitions: number;
}

/** @throws FlinchError KUBERNETES for anything but what fabric8 writes: a wrong leader would point a fault at the wrong node */
export function lease(annotation: string): Lease {
  const refuse = (why: string, cause?: unknown) =>
    new FlinchError('KUBERNETES', { what: `the lease cannot be read: ${why}`, on: annotation.slice(0, 200), cause });
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(annotation) as Record<string, unknown>;
  } catch (error) {
    throw refuse('it is no JSON', error);
  }
  if (typeof fields !== 'object' || fields === null) throw refuse('it is no object');
  const { holderIdentity, leaseDuration, acquireTime, renewTime, leaderTransitions } = fields;
  const time = (name: string, value: unknown): number => {
    const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(ms)) throw refuse(`"${name}" is no time`);
    return ms;
  };
  if (typeof leaseDuration !== 'number' || leaseDuration < 0) throw refuse('"leaseDuration" is no number of seconds');
  if (typeof leaderTransitions !== 'number') throw refuse('"leaderTransitions" is no number');
  return {
    ...(typeof holderIdentity === 'string' && holderIdentity !== '' ? { holder: holderIdentity } : {}),
    duration: leaseDuration * 1000,
    acquired: time('acquireTime', acquireTime),
    renewed: time('renewTime', renewTime),
    transitions: leaderTransitions,
  };
}
