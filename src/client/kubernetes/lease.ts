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

/** Seconds in Flink 1.x, "PT15S" in 2.x. */
function milliseconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return duration >= 0 ? duration * 1000 : undefined;
  const match = typeof duration === 'string' && /^PT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration);
  if (!match) return undefined;
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours as number) * 3600 + (minutes as number) * 60 + (seconds as number)) * 1000;
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
  const duration = milliseconds(leaseDuration);
  if (duration === undefined) throw refuse('"leaseDuration" is no duration');
  if (typeof leaderTransitions !== 'number') throw refuse('"leaderTransitions" is no number');
  return {
    ...(typeof holderIdentity === 'string' && holderIdentity !== '' ? { holder: holderIdentity } : {}),
    duration,
    acquired: time('acquireTime', acquireTime),
    renewed: time('renewTime', renewTime),
    transitions: leaderTransitions,
  };
}
