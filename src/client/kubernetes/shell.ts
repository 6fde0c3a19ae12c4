import { PassThrough, Writable } from 'node:stream';
import type { Exec, V1Status } from '@kubernetes/client-node';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError } from '../../core/error.js';

export interface ShellPlace {
  pod: string;
  /** One with bash and coreutils. */
  container: string;
}

/** How a command ended. */
export interface Executed {
  code: number;
  stdout: string;
  stderr: string;
}

/** A shell in a container that takes one command after another, and many at a time: one request of the API server, however many they are. */
export interface Shell {
  /**
   * Runs a script of bash. After the connection has ended the next command makes another one.
   * @param args `$1` and so on @param within milliseconds, the connection included
   * @throws DEADLINE; an error with the server's status as `code` where there was no connection. Whether the command was done is not known then
   */
  run(script: string, args: readonly string[], within: number): Promise<Executed>;
  /** Commands that run go on; nobody hears of them. */
  close(): void;
}

/**
 * A line is a command: its number, and in base64 the script, its name and its arguments. The answers are lines that are short
 * enough to be written in one piece, as commands do not wait for each other. There may be no folder for files of it.
 */
export const LOOP = `
echo | base64 -w 3000 >/dev/null || exit 1
exec 3>&1
tell() {
  base64 -w 3000 | while read -r text; do printf '%s %s %s\\n' "$id" "$1" "$text"; done >&3
}
while read -r id words; do
  {
    all=()
    for it in $words; do
      all+=("$(printf %s "\${it#x}" | base64 -d; echo x)")
      all[-1]=\${all[-1]%x}
    done
    code=$(
      {
        { { bash -c "\${all[@]}" </dev/null 3>&- 4>&-; echo $? >&4; } | tell o; } 2>&1 >/dev/null | tell e
      } 4>&1
    )
    printf '%s = %s\\n' "$id" "$code" >&3
  } &
done`;

interface Waiting {
  o: string[];
  e: string[];
  resolve(done: Executed): void;
  reject(error: unknown): void;
}

/** One connection, and who waits for an answer on it. */
class Connection {
  /** Why it has ended. */
  over: string | undefined;
  send: (line: string) => void = () => {};
  close: () => void = () => {};
  readonly #waiting = new Map<string, Waiting>();

  ask(id: string, line: string, limit: AbortSignal): Promise<Executed> {
    return new Promise((resolve, reject) => {
      if (limit.aborted) return;
      this.#waiting.set(id, { o: [], e: [], resolve, reject });
      limit.addEventListener('abort', () => this.#waiting.delete(id), { once: true });
      this.send(line);
    });
  }

  answer(line: string): void {
    const [id = '', kind, text = ''] = line.split(' ');
    const one = this.#waiting.get(id);
    if (one === undefined) return;
    if (kind === 'o' || kind === 'e') return void one[kind].push(text);
    this.#waiting.delete(id);
    if (kind !== '=' || !/^\d+$/.test(text)) return void one.reject(new Error(`the shell says "${line}"`));
    // A piece of three thousand characters is whole bytes.
    const whole = (pieces: string[]) => Buffer.concat(pieces.map((it) => Buffer.from(it, 'base64'))).toString('utf8');
    one.resolve({ code: Number(text), stdout: whole(one.o), stderr: whole(one.e) });
  }

  end(why: string): void {
    this.over ??= why;
    for (const { reject } of this.#waiting.values()) reject(new Error(this.over));
    this.#waiting.clear();
  }
}

export function openShell(library: Exec, namespace: string, { pod, container }: ShellPlace): Shell {
  let current: Promise<Connection> | undefined;
  let count = 0;

  async function connect(): Promise<Connection> {
    const connection = new Connection();
    const input = new PassThrough();
    const heard = lines((line) => connection.answer(line));
    let complaint = '';
    const complaints = lines((line) => {
      complaint = line;
    });
    const ended = ({ message }: V1Status) => connection.end(complaint || message || 'the shell has ended');
    const socket = await library
      .exec(namespace, pod, container, ['bash', '-c', LOOP], heard, complaints, input, false, ended)
      .catch((event: { message?: string }) => {
        throw refusal(event.message ?? 'no connection');
      });
    // Without a word of how it ended, nobody knows whether a command was done.
    socket.onclose = () => connection.end('the connection ended before the command');
    connection.send = (line) => void input.write(line);
    connection.close = () => socket.close();
    return connection;
  }

  /** The one that there is, or another one. */
  async function connection(): Promise<Connection> {
    const known = current ?? connect();
    current = known;
    const forget = () => {
      if (current === known) current = undefined;
    };
    try {
      const open = await known;
      if (open.over === undefined) return open;
    } catch (error) {
      forget();
      throw error;
    }
    forget();
    return connection();
  }

  function close(): void {
    const last = current;
    current = undefined;
    last?.then(
      (it) => it.close(),
      () => {},
    );
  }

  return {
    async run(script, args, within) {
      const id = String(++count);
      const words = [script, 'sh', ...args].map((word) => `x${Buffer.from(word).toString('base64')}`);
      const line = `${[id, ...words].join(' ')}\n`;
      try {
        return await withDeadline(`a command in ${pod}`, within, async (limit) =>
          (await connection()).ask(id, line, limit),
        );
      } catch (error) {
        // Whatever does not answer may be cut off: the next command finds out.
        if (error instanceof FlinchError && error.code === 'DEADLINE') close();
        throw error;
      }
    },
    close,
  };
}

/** As the library's errors of other calls: with the status of the answer, where there was one. */
function refusal(message: string): Error {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return Object.assign(new Error(message), status === undefined ? {} : { code: Number(status) });
}

function lines(onLine: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const all = `${rest}${chunk.toString('latin1')}`.split('\n');
      rest = all.pop() ?? '';
      for (const line of all) onLine(line);
      done();
    },
  });
}
