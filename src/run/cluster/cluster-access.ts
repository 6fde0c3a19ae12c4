import { createJobCheckpoints } from '../../client/flink/job-checkpoints.js';
import { createPlacement } from '../../client/flink/placement.js';
import { createFlinkRest, type FlinkRest } from '../../client/flink/rest.js';
import { openHaStore } from '../../client/zookeeper/ha-store.js';
import { type LeaderStore, openLeaderStore } from '../../client/zookeeper/leader-store.js';
import type { Cluster, ClusterNode, HaStore, JobCheckpoints, Placement } from '../../target/ports.js';

/** Every way to ask a cluster, opened once for a run. */
export interface ClusterAccess {
  /** By JobManager node. */
  rest: Readonly<Record<string, FlinkRest>>;
  leadership: LeaderStore;
  store: HaStore;
  placement(jobId: () => string): Placement;
  checkpoints(jobId: () => string): JobCheckpoints;
  close(): Promise<void>;
}

/** Where Flink is found by name the record has a name; everybody else knows nodes by address. */
function byAddress(leadership: LeaderStore, nodes: readonly ClusterNode[]): LeaderStore {
  return {
    ...leadership,
    async leader(signal) {
      const leader = await leadership.leader(signal);
      if (!leader) return undefined;
      const url = new URL(leader.address);
      const node = nodes.find(({ name }) => name === url.hostname);
      if (!node) return leader;
      url.hostname = node.host;
      return { ...leader, address: url.href.replace(/\/$/, '') };
    },
  };
}

export function openAccess({ endpoints, nodes }: Cluster): ClusterAccess {
  const rest = Object.fromEntries(Object.entries(endpoints.rest).map(([node, url]) => [node, createFlinkRest(url)]));
  const rests = Object.values(rest);
  const leadership = byAddress(openLeaderStore({ servers: endpoints.zookeeper, haPath: endpoints.haPath }), nodes);
  const store = openHaStore({ servers: endpoints.zookeeper, haPath: endpoints.haPath });
  return {
    rest,
    leadership,
    store,
    placement: (jobId) => createPlacement(rests, jobId),
    checkpoints: (jobId) => createJobCheckpoints(rests, jobId),
    async close() {
      for (const api of rests) api.close();
      await Promise.all([leadership.close(), store.close()]);
    },
  };
}
