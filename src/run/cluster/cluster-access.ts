import { createJobCheckpoints } from '../../client/flink/job-checkpoints.js';
import { createPlacement } from '../../client/flink/placement.js';
import { createFlinkRest, type FlinkRest } from '../../client/flink/rest.js';
import { openHaStore } from '../../client/zookeeper/ha-store.js';
import { type LeaderStore, openLeaderStore } from '../../client/zookeeper/leader-store.js';
import type { Cluster, HaStore, JobCheckpoints, Placement } from '../../target/ports.js';

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

export function openAccess({ endpoints }: Cluster): ClusterAccess {
  const rest = Object.fromEntries(Object.entries(endpoints.rest).map(([node, url]) => [node, createFlinkRest(url)]));
  const rests = Object.values(rest);
  const leadership = openLeaderStore({ servers: endpoints.zookeeper, haPath: endpoints.haPath });
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
