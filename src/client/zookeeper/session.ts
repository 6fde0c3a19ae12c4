import { type Clock, systemClock } from '../../core/clock.js';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { ConnectionEnded, connectZooKeeper, type ZooKeeperConnection } from './connection.js';

export interface SessionOptions {
  /** host:port of each server. */
  servers: readonly string[];
  /** Milliseconds of session to ask for. Default 6000. */
  sessionMs?: number;
  /** Milliseconds without an answer after which the connection is given up. Default 2000. */
  silenceMs?: number;
  clock?: Clock;
}

/** Reads from an ensemble, over one connection at a time that is replaced whenever it ends. */
export interface ZooKeeperSession {
  /**
   * Runs reads on a live connection; starts again on another one when it ends underneath them.
   * @throws FlinchError ZOOKEEPER when that does not succeed in time; the signal's reason.
   */
  read<T>(
    what: string,
    reads: (connection: ZooKeeperConnection) => Promise<T>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Calls back with each new connection (and the present one), and keeps one open, until the result is called. */
  onConnection(listener: (connection: ZooKeeperConnection) => void): () => void;
  /** Settles within 100 ms whatever the servers do. */
  close(): Promise<void>;
}

/** Milliseconds before the next server is tried. */
const RETRY_PAUSE = 50;

export function createZooKeeperSession({
  servers,
  sessionMs = 6000,
  silenceMs = 2000,
  clock = systemClock,
}: SessionOptions): ZooKeeperSession {
  if (servers.length === 0) throw new FlinchError('USAGE', { what: 'no ZooKeeper server is given' });
  const closing = new AbortController();
  const listeners = new Set<(connection: ZooKeeperConnection) => void>();
  let current: ZooKeeperConnection | undefined;
  let opening: Promise<ZooKeeperConnection> | undefined;
  let next = 0;
  let lastTrouble = 'no connection yet';

  async function open(): Promise<ZooKeeperConnection> {
    const server = servers[next % servers.length] as string;
    try {
      const connection = await connectZooKeeper({ server, sessionMs, silenceMs, signal: closing.signal });
      current = connection;
      void connection.ended.then((why) => onEnd(connection, why));
      for (const listener of listeners) listener(connection);
      return connection;
    } catch (error) {
      next += 1;
      lastTrouble = `${server}: ${messageOf(error)}`;
      throw error;
    } finally {
      opening = undefined;
    }
  }

  function onEnd(connection: ZooKeeperConnection, why: string): void {
    lastTrouble = `${connection.server}: ${why}`;
    next += 1;
    if (current === connection) current = undefined;
    void keepOpen();
  }

  /** While someone listens, a connection is wanted even if nobody reads. */
  async function keepOpen(): Promise<void> {
    while (listeners.size > 0 && !closing.signal.aborted && !current) {
      try {
        await connection();
      } catch {
        await clock.sleep(RETRY_PAUSE, closing.signal).catch(() => {});
      }
    }
  }

  async function connection(): Promise<ZooKeeperConnection> {
    closing.signal.throwIfAborted();
    if (current) return current;
    opening ??= open();
    return opening;
  }

  async function persist<T>(reads: (connection: ZooKeeperConnection) => Promise<T>, limit: AbortSignal): Promise<T> {
    for (;;) {
      limit.throwIfAborted();
      try {
        return await reads(await connection());
      } catch (error) {
        if (!(error instanceof ConnectionEnded) || closing.signal.aborted) throw error;
      }
      await clock.sleep(RETRY_PAUSE, limit);
    }
  }

  return {
    async read(what, reads, timeoutMs, signal) {
      try {
        return await withDeadline(what, timeoutMs, (limit) => persist(reads, limit), signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof FlinchError && error.code !== 'DEADLINE') throw error;
        const why = closing.signal.aborted ? 'the client is closed' : `no answer within ${timeoutMs} ms`;
        throw new FlinchError('ZOOKEEPER', {
          what: `${what} failed: ${why}`,
          on: `${servers.join(',')} (last: ${lastTrouble})`,
          cause: error,
        });
      }
    },
    onConnection(listener) {
      listeners.add(listener);
      if (current) listener(current);
      else void keepOpen();
      return () => {
        listeners.delete(listener);
      };
    },
    async close() {
      listeners.clear();
      const last = current;
      // Politely first: aborting ends the connection at once.
      await last?.close();
      closing.abort();
      await opening?.catch(() => {});
    },
  };
}
