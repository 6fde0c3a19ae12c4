import { connect, createServer, type Server, type Socket } from 'node:net';
import { FlinchError } from '../../../core/error.js';
import type { ClusterNode } from '../../ports.js';
import { byRole, port } from '../layout.js';

/** Flink's own default, for a URL that people know. */
const USUAL_PORT = 8081;

/** A listening socket on the host's loopback, to be handed to the daemon. */
export interface HostListener {
  fd: number;
  url: string;
  /** Must be called once the daemon has its copy: a socket in two processes loses half of the connections. */
  close(): void;
}

/** @param asked a port that has to be this one; otherwise Flink's usual one or any. @throws FlinchError PORT_IN_USE */
export async function listenOnHost(asked: number | undefined): Promise<HostListener> {
  const server = (await tryListen(asked ?? USUAL_PORT)) ?? (asked === undefined ? await tryListen(0) : undefined);
  const address = server?.address();
  if (!server || !address || typeof address === 'string') {
    throw new FlinchError('PORT_IN_USE', {
      what: `port ${asked} is taken`,
      on: '127.0.0.1',
      todo: 'choose another port, or leave it out to get a free one',
    });
  }
  // Node has no public way to the descriptor of a listening socket.
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  return { fd, url: `http://127.0.0.1:${address.port}`, close: () => void server.close() };
}

function tryListen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server));
  });
}

/** Forwards every connection of an inherited socket to the first JobManager that takes it; each can show the leader's UI. */
export function serveWebUi(fd: number, nodes: readonly ClusterNode[]): Server {
  const targets = byRole(nodes, 'jobmanager').map((node) => ({ host: node.host, port: port(node, 'rest') }));
  const server = createServer((client) => {
    client.on('error', () => {});
    void firstReachable(targets).then((upstream) => {
      if (!upstream) return client.destroy();
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      client.pipe(upstream).pipe(client);
    });
  });
  return server.listen({ fd });
}

async function firstReachable(targets: readonly { host: string; port: number }[]): Promise<Socket | undefined> {
  for (const target of targets) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const attempt = connect(target);
      attempt.setTimeout(2000, () => attempt.destroy());
      attempt.once('close', () => resolve(undefined));
      attempt.once('error', () => {});
      attempt.once('connect', () => {
        attempt.setTimeout(0);
        resolve(attempt);
      });
    });
    if (socket) return socket;
  }
  return undefined;
}
