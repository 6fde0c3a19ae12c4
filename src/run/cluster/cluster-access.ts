import { createJobCheckpoints } from '../../client/flink/job-checkpoints.js';
import { createPlacement } from '../../client/flink/placement.js';
import { createFlinkRest, type FlinkRest } from '../../client/flink/rest.js';
import { openHaStore } from '../../client/zookeeper/ha-store.js';
import { openLeaderStore } from '../../client/zookeeper/leader-store.js';
import { FlinchError } from '../../core/error.js';
import type { Cluster, ClusterNode, HaStore, JobCheckpoints, LeaderRecord, Placement } from '../../target/ports.js';
import { withNodeNames } from './named-rest.js';

/** Every way to ask a cluster, opened once for a run. */
export interface ClusterAccess {
  /** By JobManager node. */
  rest: Readonly<Record<string, FlinkRest>>;
  leadership: LeaderRecord;
  store: HaStore;
  placement(jobId: () => string): Placement;
  checkpoints(jobId: () => string): JobCheckpoints;
  close(): Promise<void>;
}

/** Where Flink is found by name the record has a name; everybody else knows nodes by address. */
function byAddress(leadership: LeaderRecord, nodes: readonly ClusterNode[]): LeaderRecord {
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

export function openAccess({ endpoints, nodes, leadership: elsewhere, nodeOfTaskManager }: Cluster): ClusterAccess {
  const restAt = (url: string): FlinkRest => {
    const rest = createFlinkRest(url, { maxSockets: endpoints.restConnections });
    return nodeOfTaskManager ? withNodeNames(rest, nodeOfTaskManager) : rest;
  };
  const rest = Object.fromEntries(Object.entries(endpoints.rest).map(([node, url]) => [node, restAt(url)]));
  const rests = Object.values(rest);
  const inZooKeeper = { servers: endpoints.zookeeper, haPath: endpoints.haPath };
  const leaders = elsewhere ? undefined : openLeaderStore(inZooKeeper);
  const store = elsewhere ? undefined : openHaStore(inZooKeeper);
  return {
    rest,
    leadership: leaders ? byAddress(leaders, nodes) : (elsewhere as LeaderRecord),
    store: store ?? noStore,
    placement: (jobId) => createPlacement(rests, jobId),
    checkpoints: (jobId) => createJobCheckpoints(rests, jobId),
    async close() {
      for (const api of rests) api.close();
      await Promise.all([leaders?.close(), store?.close()]);
    },
  };
}

/** Faults of the store are refused before they get here. */
const refused = async (): Promise<never> => {
  throw new FlinchError('CAPABILITY_MISSING', { what: 'what is in ConfigMaps cannot be changed yet' });
};
const noStore: HaStore = { expire: refused, find: refused, read: refused, write: refused, remove: refused };
