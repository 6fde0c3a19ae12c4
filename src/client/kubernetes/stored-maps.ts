import type { V1ConfigMap } from '@kubernetes/client-node';
import type { Clock } from '../../core/clock.js';
import type { Kubernetes } from './connection.js';
import { clusterMapName, jobOfMap } from './ha-config-maps.js';
import { LEASE } from './lease.js';
import { type LeaseHand, leaseHand } from './lease-hand.js';
import { cameAbout, edit, ifThere } from './optimistic.js';

/** Of the cluster: who leads, and which jobs there are. Of a job: its latest checkpoints. */
export type MapKind = 'cluster' | 'job';

/** A ConfigMap in which Flink keeps what it recovers from. Plain data. */
export interface StoredMap {
  name: string;
  /** Of which job it is; absent where it is the cluster's. */
  job?: string;
  uid: string;
  /** Of this state of it. */
  version: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** What it is deleted with, as the API has it. */
  owners: object[];
  data: Record<string, string>;
}

/** What is to be changed of one. */
export interface MapEdit {
  /** By key; null takes the key away. */
  data?: Record<string, string | null>;
  /** Who leads, as the annotation has it. */
  lease?: string;
}

/** The high-availability ConfigMaps of one Flink cluster. Calls throw a FlinchError KUBERNETES or the signal's reason. */
export interface StoredMaps {
  find(kind: MapKind, signal: AbortSignal): Promise<StoredMap[]>;
  /** Undefined when it is not there. */
  read(name: string, signal: AbortSignal): Promise<StoredMap | undefined>;
  /**
   * Changes one, whoever else writes to it meanwhile: what is to be changed is asked anew for each state of it. Undefined
   * changes nothing. @returns whether there is one
   */
  edit(name: string, edit: (now: StoredMap) => MapEdit | undefined, signal: AbortSignal): Promise<boolean>;
  /** Takes it away if it is as it was seen. @returns whether it was */
  remove(seen: StoredMap, signal: AbortSignal): Promise<boolean>;
  /** Makes one like it. @returns false where there is one of its name */
  create(like: StoredMap, signal: AbortSignal): Promise<boolean>;
  readonly lease: LeaseHand;
}

/** @param clusterId `kubernetes.cluster-id` */
export function openStoredMaps(kubernetes: Kubernetes, clusterId: string, clock: Clock): StoredMaps {
  const { namespace } = kubernetes;

  const get = (name: string, signal: AbortSignal): Promise<V1ConfigMap | undefined> =>
    ifThere(() =>
      kubernetes.call(
        'reading a ConfigMap',
        (core, options) => core.readNamespacedConfigMap({ namespace, name }, options),
        signal,
      ),
    );

  const maps: Omit<StoredMaps, 'lease'> = {
    async find(kind, signal) {
      const labelSelector = `app=${clusterId}`;
      const { items } = await kubernetes.call(
        'listing ConfigMaps',
        (core, options) => core.listNamespacedConfigMap({ namespace, labelSelector }, options),
        signal,
      );
      // By their names alone: what is in them may be unreadable.
      const isMeant = ({ name, job }: StoredMap) =>
        kind === 'cluster' ? name === clusterMapName(clusterId) : job !== undefined;
      return items.map((map) => storedMap(map, clusterId)).filter(isMeant);
    },
    async read(name, signal) {
      const map = await get(name, signal);
      return map && storedMap(map, clusterId);
    },
    edit: (name, to, signal) =>
      edit(
        name,
        () => get(name, signal),
        (map) => {
          const change = to(storedMap(map, clusterId));
          return change && edited(map, change);
        },
        (body) =>
          kubernetes.call(
            'writing a ConfigMap',
            (core, options) => core.replaceNamespacedConfigMap({ namespace, name, body }, options),
            signal,
          ),
      ),
    remove: ({ name, uid, version }, signal) =>
      cameAbout(() =>
        kubernetes.call(
          'deleting a ConfigMap',
          (core, options) => {
            const body = { preconditions: { uid, resourceVersion: version } };
            return core.deleteNamespacedConfigMap({ namespace, name, body }, options);
          },
          signal,
        ),
      ),
    create: ({ name, labels, annotations, owners, data }, signal) =>
      cameAbout(() => {
        const ownerReferences = owners as NonNullable<V1ConfigMap['metadata']>['ownerReferences'];
        const body = { metadata: { name, labels, annotations, ...(ownerReferences && { ownerReferences }) }, data };
        return kubernetes.call(
          'making a ConfigMap',
          (core, options) => core.createNamespacedConfigMap({ namespace, body }, options),
          signal,
        );
      }),
  };
  return { ...maps, lease: leaseHand(maps, clusterMapName(clusterId), clock) };
}

function storedMap({ metadata, data }: V1ConfigMap, clusterId: string): StoredMap {
  const name = metadata?.name ?? '';
  const job = jobOfMap(name, clusterId);
  return {
    name,
    ...(job !== undefined && { job }),
    uid: metadata?.uid ?? '',
    version: metadata?.resourceVersion ?? '',
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    owners: metadata?.ownerReferences ?? [],
    data: data ?? {},
  };
}

function edited({ metadata, data, ...rest }: V1ConfigMap, change: MapEdit): V1ConfigMap {
  const values: Record<string, string> = { ...data };
  for (const [key, value] of Object.entries(change.data ?? {})) {
    if (value === null) delete values[key];
    else values[key] = value;
  }
  const annotations = { ...metadata?.annotations, ...(change.lease !== undefined && { [LEASE]: change.lease }) };
  return { ...rest, metadata: { ...metadata, annotations }, data: values };
}
