import { FlinchError } from '../../core/error.js';
import type { ZooKeeperConnection } from './connection.js';
import { decodeConnectionInfo } from './connection-info.js';
import { createZooKeeperSession, type SessionOptions } from './session.js';

/** Who leads, as ZooKeeper has it. */
export interface StoredLeader {
  /** REST URL of the leading JobManager. */
  address: string;
  /** Leader session id (fencing token). */
  session: string;
  /** Hex id of the ZooKeeper session that wrote the record. */
  owner: string;
}

export interface LeaderStoreOptions extends SessionOptions {
  /** The cluster's znode, e.g. `/flink/flinch`. */
  haPath: string;
  /** Milliseconds for each call. Default 3000. */
  timeoutMs?: number;
}

/** Reads and watches the leader of a Flink cluster. Calls throw a FlinchError ZOOKEEPER or the signal's reason. */
export interface LeaderStore {
  /** Undefined when no leader is recorded. */
  leader(signal: AbortSignal): Promise<StoredLeader | undefined>;
  /** ZooKeeper sessions of the live contenders in their order of succession: the leader's first. */
  contenders(signal: AbortSignal): Promise<string[]>;
  /**
   * Calls back when the record or the contenders changed, or may have changed while there was no connection. It only
   * sharpens timestamps: while no server answers nothing is called, so poll as well.
   */
  watch(onChange: () => void): () => void;
  close(): Promise<void>;
}

/** "_c_<uuid>-latch-0000000007" -> 7. Sequences are signed 32-bit, printed with %010d. */
function sequenceOf(child: string): number | undefined {
  const digits = /-latch-(-?\d{9,10})$/.exec(child)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function openLeaderStore({ haPath, timeoutMs = 3000, ...options }: LeaderStoreOptions): LeaderStore {
  const base = haPath.replace(/\/+$/, '');
  if (!/^(\/[^/]+)+$/.test(base)) throw new FlinchError('USAGE', { what: `"${haPath}" is not a znode path` });
  const record = `${base}/leader/rest_server/connection_info`;
  const latch = `${base}/leader/latch`;
  const session = createZooKeeperSession(options);
  /** A child's owner never changes: each is asked once. */
  let owners = new Map<string, string>();

  async function readContenders(connection: ZooKeeperConnection): Promise<string[]> {
    const children = (await connection.children(latch)) ?? [];
    const inOrder = children
      .map((name) => ({ name, sequence: sequenceOf(name) }))
      .filter((child): child is { name: string; sequence: number } => child.sequence !== undefined)
      .sort((a, b) => a.sequence - b.sequence);
    const known = new Map<string, string>();
    const found = await Promise.all(
      inOrder.map(async ({ name }) => {
        const owner = owners.get(name) ?? (await connection.exists(`${latch}/${name}`))?.owner;
        // Gone between the two looks: no contender any more.
        if (owner !== undefined) known.set(name, owner);
        return owner;
      }),
    );
    owners = known;
    return found.filter((owner) => owner !== undefined);
  }

  async function readLeader(connection: ZooKeeperConnection): Promise<StoredLeader | undefined> {
    const node = await connection.get(record);
    const info = node && decodeConnectionInfo(node.data);
    return info && { ...info, owner: node.owner };
  }

  function watch(onChange: () => void): () => void {
    let stopped = false;
    const changed = () => {
      if (!stopped) onChange();
    };
    // Each re-arms before it tells: a read that follows on the same connection then misses nothing.
    const watchRecord = async (connection: ZooKeeperConnection): Promise<void> => {
      if (stopped) return;
      await connection.exists(record, again(watchRecord, connection));
    };
    const watchLatch = async (connection: ZooKeeperConnection): Promise<void> => {
      if (stopped) return;
      const children = await connection.children(latch, again(watchLatch, connection));
      if (children === undefined) await connection.exists(latch, again(watchLatch, connection));
    };
    const again = (arm: (connection: ZooKeeperConnection) => Promise<void>, connection: ZooKeeperConnection) => () => {
      arm(connection).catch(lost);
      changed();
    };
    // The connection has ended; the next one is watched anew.
    const lost = () => {};
    const remove = session.onConnection((connection) => {
      watchRecord(connection).catch(lost);
      watchLatch(connection).catch(lost);
      changed();
    });
    return () => {
      stopped = true;
      remove();
    };
  }

  return {
    leader: (signal) => session.read('reading the leader', readLeader, timeoutMs, signal),
    contenders: (signal) => session.read('reading the contenders', readContenders, timeoutMs, signal),
    watch,
    close: () => session.close(),
  };
}
