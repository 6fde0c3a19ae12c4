import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.js';
import type { Forward, Outcome } from './forward.js';

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
/** So long do others wait for what becomes of one who tries, at most. Milliseconds. */
const UNDECIDED = 1_000;

/** @param to where a connection leads that is made now; undefined where nobody is behind the door */
export async function openDoor(to: () => Destination | undefined, forward: Forward, clock: Clock): Promise<Door> {
  const sockets = new Set<Socket>();
  const way = oneAtFirst(forward, clock);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Whoever is at the other end sees it closed, and that is all that can be told.
    socket.on('error', () => {});
    const destination = to();
    if (!destination) return void socket.destroy();
    const { pod, port, host } = destination;
    if (host === undefined) way(socket, pod, port);
    else join(socket, host, port);
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

type Way = (socket: Socket, pod: string, port: number) => void;

/** Into a pod of which nothing is known one goes at a time; the others have the luck of that one. */
function oneAtFirst(forward: Forward, clock: Clock): Way {
  let known: { pod: string; outcome: Outcome; at: number } | undefined;
  let trial: { pod: string; over: AbortController } | undefined;

  const enter: Way = (socket, pod, port) => {
    const outcome = known?.pod === pod ? known.outcome : undefined;
    if (outcome === 'refused' && clock.mono() - (known?.at ?? 0) < REFUSES) return void socket.destroy();
    if (outcome === 'answered') return go(socket, pod, port, () => {});
    if (trial?.pod === pod) return wait(trial.over.signal, socket, pod, port);
    const over = new AbortController();
    trial = { pod, over };
    const decided = (): void => {
      if (trial?.over === over) trial = undefined;
      over.abort();
    };
    clock.sleep(UNDECIDED, over.signal).then(decided, () => {});
    go(socket, pod, port, decided);
  };
  const go = (socket: Socket, pod: string, port: number, decided: () => void): void => {
    socket.once('close', () => {
      // Its process may have ended, or hang: the next one is to find out.
      if (known?.pod === pod && known.outcome === 'answered') known = undefined;
      decided();
    });
    forward(socket, pod, port, (outcome) => {
      known = { pod, outcome, at: clock.mono() };
      decided();
    });
  };
  const wait = (decided: AbortSignal, socket: Socket, pod: string, port: number): void =>
    decided.addEventListener('abort', () => socket.destroyed || enter(socket, pod, port), { once: true });
  return enter;
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
