import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { connectZooKeeper, EXPIRED, type ZooKeeperConnection } from './connection.js';
import { createZooKeeperSession } from './session.js';
import { sessionPassword } from './session-password.js';

export interface HaStoreOptions {
  /** host:port of each server. */
  servers: readonly string[];
  /** The cluster's znode, e.g. `/flink/flinch`. */
  haPath: string;
  /** Milliseconds for each call at each server. Default 3000. */
  timeoutMs?: number;
}

/**
 * What Flink keeps in its store: who contends for leadership (`latch`), the addresses of those that lead (`leader`), where
 * the latest checkpoints lie (`checkpoint`), and where the jobs themselves do (`job`).
 */
export type ZnodeKind = 'latch' | 'leader' | 'checkpoint' | 'job';

/** Below the cluster's znode; a star is any name (1.20, 2.x: `ZooKeeperUtils`). */
const PLACES: Readonly<Record<ZnodeKind, readonly string[]>> = {
  latch: ['leader/latch/*'],
  leader: ['leader/*/connection_info'],
  checkpoint: ['jobs/*/checkpoints/*'],
  job: ['jobgraphs/*', 'execution-plans/*'],
};

/** A node of the store. Plain data, for the ledger. */
export interface StoredZnode {
  path: string;
  /** In base64. */
  data: string;
  /** The session that it ends with, in hex; absent where it stays. */
  owner?: string;
  /** Another one after each change, also where it is made anew. */
  written: string;
}

/** Does to the store of a Flink cluster what Flink never would. Calls throw a FlinchError ZOOKEEPER or the signal's reason. */
export interface HaStore {
  /**
   * Ends the session of another client, as if it had expired: resumes it from here, and closes it. One that has ended is
   * left alone. Returning says nothing about its effect.
   * @param session in hex, e.g. `0x1000056f1230000`
   */
  expire(session: string, signal: AbortSignal): Promise<void>;
  /** All of that kind, by path. */
  find(kind: ZnodeKind, signal: AbortSignal): Promise<StoredZnode[]>;
  /** Undefined when it is not there. */
  read(path: string, signal: AbortSignal): Promise<StoredZnode | undefined>;
  /** Changes it, or makes one that stays; nothing where there is nothing to put it into. @param data in base64 */
  write(path: string, data: string, signal: AbortSignal): Promise<void>;
  /** Takes it away with all that is below it; one that is not there is left alone. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds asked for. Nothing depends on it: the session ends at once. */
const SESSION = 6000;
const SILENCE = 2000;

/** Every path that the pattern means. */
async function expand(connection: ZooKeeperConnection, base: string, pattern: string): Promise<string[]> {
  const [name, ...rest] = pattern.split('/');
  const names = name === '*' ? ((await connection.children(base)) ?? []).toSorted() : [name];
  const found: string[] = [];
  for (const one of names) {
    const path = `${base}/${one}`;
    found.push(...(rest.length === 0 ? [path] : await expand(connection, path, rest.join('/'))));
  }
  return found;
}

async function look(connection: ZooKeeperConnection, path: string): Promise<StoredZnode | undefined> {
  const node = await connection.get(path);
  if (!node) return undefined;
  const { owner, written } = node;
  return { path, data: node.data.toString('base64'), written, ...(owner === '0x0' ? {} : { owner }) };
}

async function removeAll(connection: ZooKeeperConnection, path: string): Promise<void> {
  for (const name of (await connection.children(path)) ?? []) await removeAll(connection, `${path}/${name}`);
  await connection.remove(path);
}

export function openHaStore({ servers, haPath, timeoutMs = 3000 }: HaStoreOptions): HaStore {
  const base = haPath.replace(/\/+$/, '');
  const session = createZooKeeperSession({ servers });
  /** At the first server that answers. */
  async function anywhere<T>(
    what: string,
    ask: (server: string, limit: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ) {
    const troubles: string[] = [];
    for (const server of servers) {
      try {
        return await withDeadline(what, timeoutMs, (limit) => ask(server, limit), signal);
      } catch (error) {
        signal.throwIfAborted();
        troubles.push(`${server}: ${messageOf(error)}`);
      }
    }
    throw new FlinchError('ZOOKEEPER', { what: `${what} failed`, on: troubles.join('; ') });
  }

  return {
    async expire(session, signal) {
      const resume = { session, password: sessionPassword(session) };
      await anywhere(
        `ending the session ${session}`,
        async (server, limit) => {
          let connection: ZooKeeperConnection;
          try {
            connection = await connectZooKeeper({
              server,
              sessionMs: SESSION,
              silenceMs: SILENCE,
              signal: limit,
              resume,
            });
          } catch (error) {
            if (messageOf(error) === EXPIRED) return;
            throw error;
          }
          await connection.close();
        },
        signal,
      );
    },
    find: (kind, signal) =>
      session.read(
        `looking for the ${kind}`,
        async (connection) => {
          const found: StoredZnode[] = [];
          for (const place of PLACES[kind]) {
            for (const path of await expand(connection, base, place)) {
              const node = await look(connection, path);
              if (node) found.push(node);
            }
          }
          return found;
        },
        timeoutMs,
        signal,
      ),
    read: (path, signal) => session.read(`reading ${path}`, (connection) => look(connection, path), timeoutMs, signal),
    write: (path, data, signal) =>
      session.read(
        `writing ${path}`,
        async (connection) => {
          const bytes = Buffer.from(data, 'base64');
          if (!(await connection.set(path, bytes))) await connection.create(path, bytes);
        },
        timeoutMs,
        signal,
      ),
    remove: (path, signal) =>
      session.read(`removing ${path}`, (connection) => removeAll(connection, path), timeoutMs, signal),
    close: () => session.close(),
  };
}
