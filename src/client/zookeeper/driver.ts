import type { Socket } from 'node:net';
import type { Client } from 'node-zookeeper-client';

/** Connection states of node-zookeeper-client 1.1.3, as far as they matter here. */
export const State = { disconnected: 0, connected: 2, expired: -3 } as const;

/**
 * The inside of a node-zookeeper-client. It is needed because the library's own `close()` waits for an answer and its
 * reconnecting cannot be switched off.
 */
export interface Driver {
  connect(): void;
  socket?: Socket;
  connectTimeoutHandler?: NodeJS.Timeout | null;
  onSocketData(chunk: Buffer): void;
  on(event: 'state', listener: (state: number) => void): void;
  pendingBuffer: Buffer | null;
  /** Set by us: why the connection was given up. */
  trouble?: string;
}

/** jute.maxbuffer of the server is 1 MiB: a longer packet is a lie. */
const LONGEST_PACKET = 4 * 1024 * 1024;

/** Also keeps an answer that is not ZooKeeper's from throwing inside a socket listener, which would end the process. */
export function driverOf(client: Client): Driver {
  const driver = (client as unknown as { connectionManager: Driver }).connectionManager;
  const parse = driver.onSocketData;
  driver.onSocketData = (chunk) => {
    if (driver.trouble !== undefined) return;
    try {
      parse.call(driver, chunk);
      const { pendingBuffer } = driver;
      if (pendingBuffer && pendingBuffer.length >= 4) {
        const size = pendingBuffer.readInt32BE(0);
        if (size < 0 || size > LONGEST_PACKET) throw new RangeError(`a packet of ${size} bytes`);
      }
    } catch (error) {
      driver.trouble = `the server does not speak ZooKeeper's protocol (${String(error)})`;
      driver.socket?.destroy();
    }
  };
  return driver;
}

/** Ends the socket and every timer, now. */
export function destroyDriver(driver: Driver): void {
  driver.connect = () => {};
  const destroy = () => {
    if (driver.connectTimeoutHandler) clearTimeout(driver.connectTimeoutHandler);
    driver.socket?.destroy();
  };
  destroy();
  // The library makes its socket on the tick after connect().
  process.nextTick(destroy);
}
