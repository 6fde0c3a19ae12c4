import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import type { Forward } from './forward.js';

/** A port of a pod. */
export interface Destination {
  pod: string;
  port: number;
  /** The pod's own address, where this process can reach it. Without it the API server is gone through. */
  host?: string;
}

/** An address on 127.0.0.1 that stays, while the pod behind it may be another one later. */
export interface Door {
  /** e.g. `http://127.0.0.1:38211` */
  readonly url: string;
  close(): Promise<void>;
}

/** For so long nobody listens in a pod where nobody has listened: each try is a request of the API server. Milliseconds. */
const REFUSES = 1_000;

/** @param to where a connection leads that is made now; undefined where nobody is behind the door */
export async function openDoor(
  to: () => Destination | undefined,
  forward: Forward,
  clock: Pick<Clock, 'mono'>,
): Promise<Door> {
  const sockets = new Set<Socket>();
  let refused: { pod: string; at: number } | undefined;
  const isRefused = (pod: string): boolean => refused?.pod === pod && clock.mono() - refused.at < REFUSES;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever is at the other end sees it closed, and that is all that can be told.
    socket.on('error', () => {});
    const destination = to();
    if (!destination) return void socket.destroy();
    const { pod, port, host } = destination;
    if (host !== undefined) return join(socket, host, port);
    if (isRefused(pod)) return void socket.destroy();
    forward(socket, pod, port, () => {
      refused = { pod, at: clock.mono() };
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

function join(socket: Socket, host: string, port: number): void {
  const beyond = connect({ host, port });
  beyond.on('error', () => socket.destroy());
  beyond.once('close', () => socket.destroy());
  socket.once('close', () => beyond.destroy());
  socket.pipe(beyond).pipe(socket);
}

/** Whether a connection to an address can be made within so many milliseconds. */
export function reaches(host: string, port: number, within: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: within });
    const end = (reached: boolean) => {
      socket.destroy();
      resolve(reached);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
