import type { LeaseHand } from '../../client/kubernetes/lease-hand.js';
import type { MapEdit, MapKind, StoredMap, StoredMaps } from '../../client/kubernetes/stored-maps.js';
import type { StoredZnode, ZnodeKind } from '../../client/zookeeper/ha-store.js';

export type { FlinkDeployment, Operated, RestartOrder, UpgradeMode } from '../../client/kubernetes/flink-deployment.js';
export type { LeaseHand, MapEdit, MapKind, StoredMap, StoredMaps, StoredZnode, ZnodeKind };

/** Who leads, as the high-availability store has it. */
export interface Leader {
  /** REST URL of the leading JobManager. */
  address: string;
  /** The leader session id (fencing token), a UUID. */
  session: string;
  /** The store session that owns the record (ZooKeeper: ephemeralOwner in hex). */
  owner: string;
}

export interface Leadership {
  /** Undefined when no leader is recorded. */
  leader(signal: AbortSignal): Promise<Leader | undefined>;
  /** Store sessions of the live contenders, the leader's first. */
  contenders(signal: AbortSignal): Promise<string[]>;
}

/** Doing to the store what Flink never would. */
export interface HaStore {
  /** Ends the session of one of its clients, as if it had expired; one that has ended is left alone. Returning says nothing of its effect. */
  expire(session: string, signal: AbortSignal): Promise<void>;
  /** All of that kind, by path. */
  find(kind: ZnodeKind, signal: AbortSignal): Promise<StoredZnode[]>;
  /** Undefined when it is not there. */
  read(path: string, signal: AbortSignal): Promise<StoredZnode | undefined>;
  /** Changes it, or makes one that stays; nothing where there is nothing to put it into. @param data in base64 */
  write(path: string, data: string, signal: AbortSignal): Promise<void>;
  /** Takes it away with all that is below it; one that is not there is left alone. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}
