import type { Client, Event, Stat } from 'node-zookeeper-client';
import { FlinchError } from '../../core/error.js';
import { type Driver, destroyDriver, driverOf, State } from './driver.js';

export type Watcher = () => void;

export interface Znode {
  data: Buffer;
  /** The session that owns an ephemeral node, in hex without leading zeros, as `cons` prints it; 0x0 for none. */
  owner: string;
  /** The transaction that made or changed it last (mzxid), in hex. */
  written: string;
}

/**
 * One connection to one server: it is never re-established. Each read settles within the silence limit; a server that
 * is silent for longer loses its connection, and with it every open read and watch.
 */
export interface ZooKeeperConnection {
  readonly server: string;
  /** Milliseconds, as granted. */
  readonly sessionTimeout: number;
  /** Why the connection ended; resolves when it does. */
  readonly ended: Promise<string>;
  /** Undefined when there is no such node. */
  get(path: string): Promise<Znode | undefined>;
  children(path: string, watcher?: Watcher): Promise<string[] | undefined>;
  exists(path: string, watcher?: Watcher): Promise<Omit<Znode, 'data'> | undefined>;
  /** False when there is no such node. */
  set(path: string, data: Buffer): Promise<boolean>;
  /** A persistent node. False when there is one already, or nothing to put it into. */
  create(path: string, data: Buffer): Promise<boolean>;
  /** False when there is no such node, or when it is not empty. */
  remove(path: string): Promise<boolean>;
  /** Ends the session politely where the server still answers, and the socket in any case, within 100 ms. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** host:port */
  server: string;
  /** Milliseconds asked for; the server may grant another value. */
  sessionMs: number;
  /** Milliseconds a read or the handshake may take; at most a third of the granted session. */
  silenceMs: number;
  signal: AbortSignal;
  /** Goes on with this session, in hex, instead of beginning one; whoever had it loses the connection. */
  resume?: { session: string; password: Buffer };
}

/** Why a connection ended whose session is over. */
export const EXPIRED = 'the session expired';

/** Marks the errors after which another connection may answer. */
export class ConnectionEnded extends Error {}

/** Codes of ZooKeeper's KeeperException. */
const CONNECTION_LOSS = -4;
const NO_NODE = -101;
const NODE_EXISTS = -110;
const NOT_EMPTY = -111;
const SESSION_EXPIRED = -112;
/** Answers that say what is there, and no trouble. */
const SAYS_SO: ReadonlySet<unknown> = new Set([NO_NODE, NODE_EXISTS, NOT_EMPTY]);
/** Milliseconds. A server may grant any session; probing it more often would be a load. */
const SHORTEST = 100;
const GOODBYE = 100;

function idOf(session: string): Buffer {
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(BigInt(session));
  return id;
}

export async function connectZooKeeper({
  server,
  sessionMs,
  silenceMs,
  signal,
  resume,
}: ConnectOptions): Promise<ZooKeeperConnection> {
  signal.throwIfAborted();
  const { default: zookeeper } = await import('node-zookeeper-client');
  signal.throwIfAborted();
  const client: Client = zookeeper.createClient(server, {
    sessionTimeout: sessionMs,
    retries: 0,
    ...(resume && { sessionId: idOf(resume.session), sessionPassword: resume.password }),
  });
  const driver: Driver = driverOf(client);
  let limit = silenceMs;
  let endedBecause: string | undefined;
  const open = new Set<(error: Error) => void>();
  let tellEnd: (why: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    tellEnd = resolve;
  });
  let probe: NodeJS.Timeout | undefined;

  const end = (why: string): void => {
    if (endedBecause !== undefined) return;
    endedBecause = why;
    clearInterval(probe);
    signal.removeEventListener('abort', onAbort);
    destroyDriver(driver);
    const error = new ConnectionEnded(why);
    for (const reject of open) reject(error);
    open.clear();
    tellEnd(why);
  };
  const onAbort = () => end('it was closed');

  /** One request, or the handshake, under the silence limit. */
  const bounded = <T>(
    what: string,
    start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
  ): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (endedBecause !== undefined) {
        reject(new ConnectionEnded(endedBecause));
        return;
      }
      const settled = () => {
        clearTimeout(timer);
        open.delete(fail);
      };
      const fail = (error: Error) => {
        settled();
        reject(error);
      };
      const timer = setTimeout(() => {
        // After a stall of this process the answer may lie unread in the socket: read first, then judge.
        setImmediate(() => {
          if (open.has(fail)) end(`it was silent for ${limit} ms (${what})`);
        });
      }, limit);
      open.add(fail);
      start((value) => {
        settled();
        resolve(value);
      }, fail);
    });

  const ask = <T>(what: string, start: (done: (error: unknown, value?: T) => void) => void): Promise<T | undefined> =>
    bounded<T | undefined>(what, (resolve, reject) =>
      start((error, value) => {
        const code = error ? (error as { code?: unknown }).code : undefined;
        if (!error || SAYS_SO.has(code)) resolve(error ? undefined : value);
        else if (endedBecause !== undefined || code === CONNECTION_LOSS || code === SESSION_EXPIRED) {
          reject(new ConnectionEnded(endedBecause ?? String(error)));
        } else reject(new FlinchError('ZOOKEEPER', { what: `${what} failed: ${String(error)}`, on: server }));
      }),
    );

  const granted = bounded<number>('handshake', (resolve) => {
    driver.on('state', (state) => {
      if (state === State.connected) resolve(client.getSessionTimeout());
      else if (state === State.expired) end(EXPIRED);
      else if (state === State.disconnected) end(driver.trouble ?? 'the server refused or closed the connection');
    });
    signal.addEventListener('abort', onAbort, { once: true });
    client.connect();
    // One client, one socket: whoever uses this decides where to go next.
    driver.connect = () => {};
  });
  const sessionTimeout = await granted;
  const third = Math.max(SHORTEST, Math.floor(sessionTimeout / 3));
  limit = Math.min(silenceMs, third);
  probe = setInterval(() => {
    ask('probe', (done) => client.exists('/', done)).catch(() => {});
  }, third).unref();

  const notify = (watcher: Watcher) => (_: Event) => {
    if (endedBecause === undefined) watcher();
  };
  const hex = (bytes: Buffer) => `0x${bytes.readBigUInt64BE().toString(16)}`;
  const about = (stat: Stat) => ({ owner: hex(stat.ephemeralOwner), written: hex(stat.mzxid) });
  const done = (what: string, start: (done: (error: unknown) => void) => void): Promise<boolean> =>
    ask<true>(what, (tell) => start((error) => tell(error, true))).then((it) => it === true);
  return {
    server,
    sessionTimeout,
    ended,
    get: (path) =>
      ask(`get ${path}`, (done) =>
        client.getData(path, (error, data, stat) =>
          done(error, error ? undefined : { data: data ?? Buffer.alloc(0), ...about(stat) }),
        ),
      ),
    children: (path, watcher) =>
      ask(`list ${path}`, (done) =>
        watcher ? client.getChildren(path, notify(watcher), done) : client.getChildren(path, done),
      ),
    exists: (path, watcher) =>
      ask(`look at ${path}`, (done) => {
        const answer = (error: unknown, stat: Stat | null) => done(error, stat ? about(stat) : undefined);
        if (watcher) client.exists(path, notify(watcher), answer);
        else client.exists(path, answer);
      }),
    set: (path, data) => done(`set ${path}`, (tell) => client.setData(path, data, tell)),
    create: (path, data) => done(`create ${path}`, (tell) => client.create(path, data, tell)),
    remove: (path) => done(`remove ${path}`, (tell) => client.remove(path, tell)),
    close: async () => {
      if (endedBecause !== undefined) return;
      client.close();
      const patience = setTimeout(() => end('it was closed'), GOODBYE);
      await ended;
      clearTimeout(patience);
    },
  };
}
