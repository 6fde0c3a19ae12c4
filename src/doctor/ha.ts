import type { Settings } from './settings.js';
import type { Facts } from './subject.js';

/** How a JobManager finds a successor. Undefined where none does, or by a class of the user's own. */
export function highAvailability(settings: Settings): 'zookeeper' | 'kubernetes' | undefined {
  const type = settings.value('high-availability.type')?.trim().toLowerCase() ?? 'none';
  if (type === 'zookeeper') return 'zookeeper';
  return type === 'kubernetes' || type.endsWith('.kuberneteshaservicesfactory') ? 'kubernetes' : undefined;
}

/** What a lease takes by default in Flink's configuration. Milliseconds. */
const LEASE = 15_000;
/** ZooKeeper grants 2 to 20 ticks; this is its usual tick. Milliseconds. */
export const USUAL_TICK = 2_000;
const LEAST_TICKS = 2;
export const MOST_TICKS = 20;

/** Milliseconds from the death of a leader until another one may lead. Undefined without high availability. */
export function takeover(settings: Settings, { grantedSession, tickTime = USUAL_TICK }: Facts): number | undefined {
  const how = highAvailability(settings);
  if (how === 'zookeeper') return grantedSession ?? grantedBy(settings, tickTime);
  if (how === undefined) return undefined;
  return settings.duration('high-availability.kubernetes.leader-election.lease-duration') ?? LEASE;
}

/** The session that ZooKeeper grants with this tick. Milliseconds. */
export const grantedBy = (settings: Settings, tick: number): number =>
  Math.max(
    LEAST_TICKS * tick,
    Math.min(
      settings.duration('high-availability.zookeeper.client.session-timeout') ?? Number.POSITIVE_INFINITY,
      MOST_TICKS * tick,
    ),
  );
