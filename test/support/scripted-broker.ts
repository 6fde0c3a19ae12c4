import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface ScriptedCall {
  api: number;
  version: number;
  body: Buffer;
  socket: Socket;
  /** Number of the connection, from 1. */
  connection: number;
}

/** What a request is answered with: a body, or what else to do. */
export type ScriptedAnswer = Buffer | 'hang' | 'close';

/** A peer on loopback that answers each request of Kafka's protocol as it is told. */
export async function startScriptedBroker(script: (call: ScriptedCall) => ScriptedAnswer, tls?: TlsOptions) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket) => {
    const connection = ++connections;
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
        const frame = pending.subarray(4, 4 + pending.readInt32BE(0));
        pending = pending.subarray(4 + frame.length);
        const at = 10 + Math.max(0, frame.readInt16BE(8));
        const call = { api: frame.readInt16BE(0), version: frame.readInt16BE(2), body: frame.subarray(at) };
        const answer = script({ ...call, socket, connection });
        if (answer === 'close') socket.destroy();
        else if (answer !== 'hang') {
          socket.write(Buffer.concat([int32(answer.length + 4), frame.subarray(4, 8), answer]));
        }
      }
    });
  };
  const watch = (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  };
  const server = tls ? createTlsServer(tls, serve).on('tlsClientError', () => {}) : createServer(serve);
  server.on('connection', watch);
  if (tls) server.on('secureConnection', watch);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `127.0.0.1:${port}`,
    connections: () => connections,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

export function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
export function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
const int64 = (value: number) => Buffer.concat([int32(Math.floor(value / 2 ** 32)), int32(value % 2 ** 32)]);
const text = (value: string | null) =>
  value === null ? int16(-1) : Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);

export const [METADATA, HANDSHAKE, VERSIONS, AUTHENTICATE] = [3, 17, 18, 36];

export const versionsBody = (ranges: Record<number, [min: number, max: number]>): Buffer =>
  Buffer.concat([
    int16(0),
    int32(Object.keys(ranges).length),
    ...Object.entries(ranges).map(([key, [min, max]]) => Buffer.concat([int16(Number(key)), int16(min), int16(max)])),
  ]);

export const handshakeBody = (error: number, mechanisms: readonly string[]): Buffer =>
  Buffer.concat([int16(error), int32(mechanisms.length), ...mechanisms.map(text)]);

export function authenticateBody(
  answer: { error?: number; message?: string | null; bytes?: string; lifetimeMs?: number },
  version = 1,
): Buffer {
  const { error = 0, message = null, bytes = '', lifetimeMs = 0 } = answer;
  const body = [int16(error), text(message), int32(Buffer.byteLength(bytes)), Buffer.from(bytes)];
  return Buffer.concat(version >= 1 ? [...body, int64(lifetimeMs)] : body);
}

/** An answer to Metadata 7 without brokers or topics. */
export const emptyMetadataBody = (): Buffer => Buffer.concat([int32(0), int32(0), int16(-1), int32(-1), int32(0)]);

/** An answer to Metadata 7: one broker on loopback, which leads the one partition of the topic. */
export const leaderBody = (topic: string, port: number): Buffer =>
  Buffer.concat([
    ...[int32(0), int32(1), int32(1), text('127.0.0.1'), int32(port), int16(-1), int16(-1), int32(1)],
    ...[int32(1), int16(0), text(topic), Buffer.from([0])],
    ...[int32(1), int16(0), int32(0), int32(1), int32(0), int32(0), int32(0), int32(0)],
  ]);
