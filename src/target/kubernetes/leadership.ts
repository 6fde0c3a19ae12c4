import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import type { Door } from '../../client/kubernetes/door.js';
import { openLeaseStore } from '../../client/kubernetes/lease-store.js';
import { openLeaderStore } from '../../client/zookeeper/leader-store.js';
import type { Clock } from '../../core/clock.js';
import type { Leader, LeaderRecord } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

interface SeatedDeps {
  seats: Seats;
  /** By JobManager node. */
  doors: Readonly<Record<string, Door>>;
}

export interface LeadershipDeps extends SeatedDeps {
  kubernetes: KubernetesPods;
  /** `kubernetes.cluster-id` */
  clusterId: string;
  view: PodView;
  clock: Clock;
}

export interface ZooKeeperDeps extends SeatedDeps {
  /** host:port of each, as this process and the pods know them. */
  servers: readonly string[];
  /** The cluster's znode. */
  haPath: string;
}

/** A record that is read until it is closed. */
export type PodLeadership = LeaderRecord & { close(): Promise<void> };

const seatAt = (address: string, seats: Seats): string | undefined =>
  URL.canParse(address) ? seats.seatOf(new URL(address).hostname) : undefined;

/** A leader is recorded with the address of its pod, and reached by the door of its seat. */
function throughDoor<L extends Leader>(leader: L | undefined, { seats, doors }: SeatedDeps): L | undefined {
  const door = leader && doors[seatAt(leader.address, seats) ?? ''];
  return door ? { ...leader, address: door.url } : leader;
}

/**
 * The leader as its ConfigMap has it, found by the address of its pod. Those that stand by leave no trace there: a
 * JobManager contends, as far as anybody can tell, while its pod is ready; each start of its process is another contender.
 */
export function podLeadership(deps: LeadershipDeps): PodLeadership {
  const { kubernetes, clusterId, view, seats, doors, clock } = deps;
  const store = openLeaseStore({ kubernetes, clusterId, clock });
  return {
    every: store.every,
    watch: store.watch,
    leader: async (signal) => throughDoor(await store.leader(signal), deps),
    async contenders(signal) {
      const [leader] = await Promise.all([store.leader(signal), view.fresh(signal)]);
      const leading = leader && seatAt(leader.address, seats);
      const order = Object.keys(doors).sort((a, b) => Number(b === leading) - Number(a === leading));
      return order.flatMap((seat) => {
        const pod = seats.podOf(seat);
        return pod?.ready && pod.container?.running ? [`${pod.name}/${pod.container.id.slice(0, 12)}`] : [];
      });
    },
    close: async () => {},
  };
}

/** The leader as ZooKeeper has it, found likewise. */
export function zooKeeperLeadership({ servers, haPath, ...deps }: ZooKeeperDeps): PodLeadership {
  const store = openLeaderStore({ servers, haPath });
  return {
    watch: store.watch,
    leader: async (signal) => throughDoor(await store.leader(signal), deps),
    contenders: store.contenders,
    close: store.close,
  };
}
