import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Clock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import type { Kubernetes } from './connection.js';
import { type ClusterMap, clusterMapName, readMaps } from './ha-config-maps.js';
import { keepWatching } from './keep-watching.js';
import { ifThere } from './optimistic.js';

/** Who leads, as the ConfigMap has it. */
export interface LeaseHolder {
  /** REST URL of the leading JobManager. */
  address: string;
  /** Leader session id (fencing token). */
  session: string;
  /** The name that it contends under, of its own making: another one after each start. */
  owner: string;
}

export interface LeaseStoreOptions {
  kubernetes: Kubernetes;
  /** `kubernetes.cluster-id` */
  clusterId: string;
  clock: Clock;
}

/** Reads and watches the leader of a Flink cluster. Calls throw a FlinchError KUBERNETES or the signal's reason. */
export interface LeaseStore {
  /** Milliseconds between looks: an API server serves others as well, and a watch tells of changes. */
  readonly every: number;
  /** Undefined when nobody holds the lease, or its holder has not renewed it in time. */
  leader(signal: AbortSignal): Promise<LeaseHolder | undefined>;
  /** The holder alone: those that stand by leave no trace. */
  contenders(signal: AbortSignal): Promise<string[]>;
  /**
   * Calls back when the ConfigMap changed, or may have changed while nobody watched. It only sharpens timestamps: poll as
   * well.
   */
  watch(onChange: () => void): () => void;
}

const EVERY = 500;
/** From one read to the next, whoever asks; where a watch tells of each renewal; and where it has told of a change. Milliseconds. */
const [GAP, GAP_WHILE_RENEWED, GAP_AT_CHANGE] = [600, 1_500, 100];
/** For a request, its own time-out and the wait before it included. Milliseconds. */
const READ_WITHIN = 10_000;
/** A leader renews its lease every 5 s unless configured; one that does not may be none much longer. Milliseconds. */
const RENEWED_WITHIN = 6_000;

export function openLeaseStore({ kubernetes, clusterId, clock }: LeaseStoreOptions): LeaseStore {
  const { namespace } = kubernetes;
  const name = clusterMapName(clusterId);
  /** Its renewal, and when that was first seen: by this clock alone, as clocks of others may be wrong. */
  let renewal: { of: string; at: number } | undefined;
  /** Who led last, in which session. */
  let last: { owner: string; session: string } | undefined;
  /** The read that has not begun yet: whoever asks is told how it is then, and never how it was before. */
  let next: Promise<ClusterMap | undefined> | undefined;
  let begun = Number.NEGATIVE_INFINITY;
  /** When a watch has told of a change last. */
  let heard = Number.NEGATIVE_INFINITY;
  let changed = new AbortController();
  /** What tells who leads, of the latest ConfigMap that was read or told of; answers and events overtake each other. */
  let leading: string | undefined;
  let latest = 0n;

  const taken = (map: V1ConfigMap | undefined): ClusterMap | undefined => {
    const cluster = map && readMaps([map], clusterId).cluster;
    const version = BigInt(map?.metadata?.resourceVersion ?? latest);
    if (version < latest) return cluster;
    latest = version;
    const { lease, leaders } = cluster ?? {};
    leading = lease && JSON.stringify([lease.holder, leaders?.get('restserver')]);
    const of = lease && `${lease.holder} ${lease.renewed}`;
    if (of !== undefined && renewal?.of !== of) renewal = { of, at: clock.mono() };
    return cluster;
  };
  /** Whether somebody else leads than was known. Leaders renew their leases all the time. */
  const changes = (phase: string, map: V1ConfigMap): boolean => {
    const before = leading;
    try {
      if (phase === 'MODIFIED') taken(map);
      else leading = undefined;
    } catch {
      // Whoever asks is told what is wrong with it.
      leading = undefined;
    }
    return leading === undefined || leading !== before;
  };

  async function read(): Promise<ClusterMap | undefined> {
    const left = (gap: number): number => Math.max(0, begun + gap - clock.mono());
    await clock.sleep(left(GAP_AT_CHANGE));
    const gap = clock.mono() - heard < RENEWED_WITHIN ? GAP_WHILE_RENEWED : GAP;
    await clock.sleep(left(gap), changed.signal).catch(() => {});
    next = undefined;
    begun = clock.mono();
    changed = new AbortController();
    const map = await ifThere(() =>
      kubernetes.call('reading the leader', (core, options) =>
        core.readNamespacedConfigMap({ namespace, name }, options),
      ),
    );
    return taken(map);
  }

  /** One request answers everybody who waits for it, and nobody has to wait who does not want to any more. */
  function cluster(signal: AbortSignal): Promise<ClusterMap | undefined> {
    next ??= read();
    const asked = next;
    // Whoever waits is told; nobody may.
    asked.catch(() => {});
    return withDeadline('reading the leader', READ_WITHIN, () => asked, signal);
  }

  async function leader(signal: AbortSignal): Promise<LeaseHolder | undefined> {
    const { lease, leaders } = (await cluster(signal)) ?? {};
    const { address, session } = leaders?.get('restserver') ?? {};
    if (!lease?.holder || address === undefined || session === undefined) return undefined;
    if (clock.mono() - (renewal?.at ?? 0) > lease.duration) return undefined;
    // The lease has a new holder a moment before the address and the session are the holder's.
    if (last?.session === session && last.owner !== lease.holder) return undefined;
    last = { owner: lease.holder, session };
    return { address, session, owner: lease.holder };
  }

  return {
    every: EVERY,
    leader,
    contenders: async (signal) => {
      const { lease } = (await cluster(signal)) ?? {};
      return lease?.holder === undefined ? [] : [lease.holder];
    },
    watch: (onChange) =>
      keepWatching(
        (onEvent, onEnd) => {
          const onHeard = (phase: string, map: V1ConfigMap) => {
            heard = clock.mono();
            onEvent(changes(phase, map));
          };
          return kubernetes.watchConfigMap(name, onHeard, onEnd);
        },
        clock,
        () => {
          changed.abort();
          onChange();
        },
      ),
  };
}
