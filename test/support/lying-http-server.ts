import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with a request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export const json =
  (value: unknown, status = 200): Behaviour =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };

export const text =
  (body: string, status = 200): Behaviour =>
  (_, response) => {
    response.writeHead(status);
    response.end(body);
  };

/** Takes the request and never answers. */
export const hang: Behaviour = () => {};

/** Sends the head and then a byte every 20 ms, for ever. */
export const drip: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
};

/** Promises a body and closes in the middle of it. */
export const closeMidBody: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
  response.write('{"jobs": [');
  setTimeout(() => response.destroy(), 20);
};

export const reset: Behaviour = (request) => request.socket.resetAndDestroy();

export interface LyingHttpServer {
  url: string;
  /** "METHOD /path?query body" of each request. */
  requests: string[];
  /** Replaces what is done for a path (without its query). */
  on(path: string, behaviour: Behaviour): void;
  /** Open connections. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** A server on loopback that does to each path what it is told; other paths answer 404. */
export async function startLyingHttp(paths: Record<string, Behaviour> = {}): Promise<LyingHttpServer> {
  const behaviours = new Map(Object.entries(paths));
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      requests.push(`${request.method} ${request.url}${body && ` ${body}`}`);
      const path = (request.url ?? '').split('?')[0] as string;
      (behaviours.get(path) ?? json({ errors: ['Not found.'] }, 404))(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    on: (path, behaviour) => void behaviours.set(path, behaviour),
    connections: () => new Promise((resolve, reject) => server.getConnections((e, n) => (e ? reject(e) : resolve(n)))),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
