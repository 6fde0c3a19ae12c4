import type { V1ConfigMap } from '@kubernetes/client-node';
import { FlinchError } from '../../core/error.js';
import type { Kubernetes } from './connection.js';
import { LEASE, type Lease, lease } from './lease.js';

/** Keys of the component that leads, in the ConfigMap of the cluster. */
const LEADER = 'org.apache.flink.k8s.leader.';
/** Pointers to what a cluster recovers: 1.x, 2.x, and applications from 2.3 on. */
const GRAPH = /^(?:jobGraph|executionPlan)-([0-9a-f]{32})$/;
const CHECKPOINT = /^checkpointID-(\d{19})$/;
const CLUSTER_MAP = '-cluster-config-map';
const MAP = '-config-map';

export const clusterMapName = (clusterId: string): string => `${clusterId}${CLUSTER_MAP}`;

/** A leader as its ConfigMap names it. */
export interface NamedLeader {
  /** The leader session id, a UUID. */
  session: string;
  /** `http://10.244.0.40:8081` of the REST endpoint, `pekko.tcp://...` of others. */
  address: string;
}

/** The ConfigMap of a cluster's high availability. */
export interface ClusterMap {
  name: string;
  version: string;
  /** Kinds and names of those that it is deleted with: "Deployment orders". */
  owners: string[];
  /** Absent where nobody has led yet. */
  lease?: Lease;
  /** By component: `restserver`, `dispatcher`, `resourcemanager`, `job-<id>`. Empty while nobody leads. */
  leaders: ReadonlyMap<string, NamedLeader>;
  /** Ids of the jobs that the next leader recovers. */
  jobs: string[];
}

/** The ConfigMap of a job: where its latest checkpoints are. */
export interface JobMap {
  name: string;
  owners: string[];
  /** Ids of the checkpoints that it points to, the latest last. */
  checkpoints: number[];
}

export interface HaMaps {
  cluster?: ClusterMap;
  /** By job id. */
  jobs: ReadonlyMap<string, JobMap>;
}

/**
 * What Flink keeps of a cluster in ConfigMaps. By label and name: the label for high availability is gone from 2.0 on.
 * @param clusterId `kubernetes.cluster-id`
 * @throws FlinchError KUBERNETES; the signal's reason
 */
export async function haMaps(kubernetes: Kubernetes, clusterId: string, signal?: AbortSignal): Promise<HaMaps> {
  const { namespace } = kubernetes;
  const labelSelector = `app=${clusterId}`;
  const { items } = await kubernetes.call(
    'listing ConfigMaps',
    (core, options) => core.listNamespacedConfigMap({ namespace, labelSelector }, options),
    signal,
  );
  return readMaps(items, clusterId);
}

/** The id of the job whose ConfigMap has this name. */
export function jobOfMap(name: string, clusterId: string): string | undefined {
  if (!name.startsWith(`${clusterId}-`) || !name.endsWith(MAP)) return undefined;
  const id = name.slice(clusterId.length + 1, -MAP.length);
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

export function readMaps(items: readonly V1ConfigMap[], clusterId: string): HaMaps {
  const jobs = new Map<string, JobMap>();
  let cluster: ClusterMap | undefined;
  for (const map of items) {
    const name = map.metadata?.name ?? '';
    if (name === clusterMapName(clusterId)) cluster = clusterMap(name, map);
    else {
      const id = jobOfMap(name, clusterId);
      if (id !== undefined) jobs.set(id, jobMap(name, map));
    }
  }
  return { jobs, ...(cluster && { cluster }) };
}

const ownersOf = ({ metadata }: V1ConfigMap): string[] =>
  (metadata?.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`);

function clusterMap(name: string, map: V1ConfigMap): ClusterMap {
  const annotation = map.metadata?.annotations?.[LEASE];
  const data = map.data ?? {};
  const leaders = new Map<string, NamedLeader>();
  for (const [key, value] of Object.entries(data)) {
    if (key.startsWith(LEADER)) leaders.set(key.slice(LEADER.length), namedLeader(key, value));
  }
  return {
    name,
    version: map.metadata?.resourceVersion ?? '',
    owners: ownersOf(map),
    ...(annotation === undefined ? {} : { lease: lease(annotation) }),
    leaders,
    jobs: Object.keys(data).flatMap((key) => GRAPH.exec(key)?.[1] ?? []),
  };
}

/** "ac4d70f2-c4fb-47fe-ab0c-73f2f01775d0,http://10.244.0.40:8081" */
function namedLeader(key: string, value: string): NamedLeader {
  const [, session, address] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}),(\S+)$/.exec(value) ?? [];
  if (session === undefined || address === undefined) {
    throw new FlinchError('KUBERNETES', { what: `${key} names no leader`, on: value.slice(0, 200) });
  }
  return { session, address };
}

const jobMap = (name: string, map: V1ConfigMap): JobMap => ({
  name,
  owners: ownersOf(map),
  checkpoints: Object.keys(map.data ?? {})
    .flatMap((key) => CHECKPOINT.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b),
});
