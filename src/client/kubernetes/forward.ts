import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { PortForward } from '@kubernetes/client-node';

/** @param port of the pod @param onRefused called where nobody listens there, or the API server does not connect */
export type Forward = (socket: Socket, pod: string, port: number, onRefused: () => void) => void;

/** Joins sockets with ports of pods, by way of the API server. */
export const forward =
  (library: PortForward, namespace: string): Forward =>
  (socket, pod, port, onRefused) => {
    // What comes before there is a connection waits.
    socket.pause();
    // The pod's side says here that nobody listens.
    const refused = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // It begins with the number of the port, of which the library leaves nothing.
        if (chunk.length > 0) {
          socket.destroy();
          onRefused();
        }
        done();
      },
    });
    library.portForward(namespace, pod, [port], socket, refused, socket).then(
      (connection) => {
        const closing = typeof connection === 'function' ? connection() : connection;
        if (!closing || socket.destroyed) {
          closing?.close();
          socket.destroy();
          return;
        }
        closing.onclose = () => socket.destroy();
        socket.once('close', () => closing.close());
        socket.resume();
      },
      () => {
        socket.destroy();
        onRefused();
      },
    );
  };
