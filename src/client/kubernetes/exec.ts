import { Writable } from 'node:stream';
import type { Exec, V1Status } from '@kubernetes/client-node';
import { withDeadline } from '../../core/deadline.js';

export interface ExecOptions {
  pod: string;
  container: string;
  command: readonly string[];
  /** Milliseconds, the start of the command included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** How a command ended. */
export interface Executed {
  code: number;
  stdout: string;
  stderr: string;
}

/** @throws DEADLINE; an event of the connection, or what the server says, where there was no command */
export function execIn(library: Exec, namespace: string, options: ExecOptions): Promise<Executed> {
  const { pod, container, command, timeoutMs, signal } = options;
  const [stdout, stderr] = [collector(), collector()];
  const run = (limit: AbortSignal) =>
    new Promise<Executed>((resolve, reject) => {
      const ended = (status: V1Status) => {
        const code = codeOf(status);
        if (code === undefined) reject(new Error(status.message ?? 'the command could not be started'));
        else resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
      };
      library
        .exec(namespace, pod, container, [...command], stdout.stream, stderr.stream, null, false, ended)
        .then((socket) => {
          const close = () => socket.close();
          limit.addEventListener('abort', close, { once: true });
          if (limit.aborted) close();
          // Without a word of how it ended, nobody knows whether it was done.
          socket.onclose = () => reject(new Error('the connection ended before the command'));
        })
        .catch((event: { message?: string }) => reject(refusal(event.message ?? 'no connection')));
    });
  return withDeadline(`${command[0]} in ${pod}`, timeoutMs, run, signal);
}

/** As the library's errors of other calls: with the status of the answer, where there was one. */
function refusal(message: string): Error {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return Object.assign(new Error(message), status === undefined ? {} : { code: Number(status) });
}

/** Undefined where no command has run. */
function codeOf({ status, details }: V1Status): number | undefined {
  if (status === 'Success') return 0;
  const code = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return code === undefined ? undefined : Number(code);
}

function collector() {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
