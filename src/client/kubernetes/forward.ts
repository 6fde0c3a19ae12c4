import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { PortForward } from '@kubernetes/client-node';

/** What became of a connection: nobody listens there, or the API server does not connect; or it was answered. */
export type Outcome = 'refused' | 'answered';

/** @param port of the pod @param onOutcome called once, unless nothing is heard of it before it ends */
export type Forward = (socket: Socket, pod: string, port: number, onOutcome: (outcome: Outcome) => void) => void;

/** Joins sockets with ports of pods, by way of the API server. */
export const forward =
  (library: PortForward, namespace: string): Forward =>
  (socket, pod, port, onOutcome) => {
    // What comes before there is a connection waits.
    socket.pause();
    let answered = false;
    // The pod's side says here that nobody listens.
    const refused = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // It begins with the number of the port, of which the library leaves nothing.
        if (chunk.length > 0) {
          socket.destroy();
          onOutcome('refused');
        }
        done();
      },
    });
    const answers = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (chunk.length === 0) return done();
        if (!answered) onOutcome('answered');
        answered = true;
        socket.write(chunk, () => done());
      },
    });
    library.portForward(namespace, pod, [port], answers, refused, socket).then(
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
        onOutcome('refused');
      },
    );
  };
