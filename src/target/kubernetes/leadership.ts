import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import type { Door } from '../../client/kubernetes/door.js';
import { openLeaseStore } from '../../client/kubernetes/lease-store.js';
import type { Clock } from '../../core/clock.js';
import type { LeaderRecord } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface LeadershipDeps {
  kubernetes: KubernetesPods;
  /** `kubernetes.cluster-id` */
  clusterId: string;
  view: PodView;
  seats: Seats;
  /** By JobManager node. */
  doors: Readonly<Record<string, Door>>;
  clock: Clock;
}

/**
 * The leader as its ConfigMap has it, found by the address of its pod. Those that stand by leave no trace there: a
 * JobManager contends, as far as anybody can tell, while its pod is ready; each start of its process is another contender.
 */
export function podLeadership({ kubernetes, clusterId, view, seats, doors, clock }: LeadershipDeps): LeaderRecord {
  const store = openLeaseStore({ kubernetes, clusterId, clock });
  const seatAt = (address: string): string | undefined =>
    URL.canParse(address) ? seats.seatOf(new URL(address).hostname) : undefined;
  return {
    every: store.every,
    watch: store.watch,
    async leader(signal) {
      const leader = await store.leader(signal);
      const door = leader && doors[seatAt(leader.address) ?? ''];
      return door ? { ...leader, address: door.url } : leader;
    },
    async contenders(signal) {
      const [leader] = await Promise.all([store.leader(signal), view.fresh(signal)]);
      const leading = leader && seatAt(leader.address);
      const order = Object.keys(doors).sort((a, b) => Number(b === leading) - Number(a === leading));
      return order.flatMap((seat) => {
        const pod = seats.podOf(seat);
        return pod?.ready && pod.container?.running ? [`${pod.name}/${pod.container.id.slice(0, 12)}`] : [];
      });
    },
  };
}
