import { connect } from 'node:net';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';

export type FourLetterWord = 'ruok' | 'srvr' | 'cons' | 'conf';

export interface FourLetterOptions {
  /** Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

const LONGEST_ANSWER = 1024 * 1024;

/** "host:port" or "[v6]:port" in its parts; the port is 2181 when it is not given. */
export function hostAndPort(server: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(server);
  const host = match?.[1] ?? match?.[2];
  if (!host) throw new FlinchError('USAGE', { what: `"${server}" is not host:port` });
  return { host, port: Number(match?.[3] ?? 2181) };
}

/**
 * Asks one server over a connection of its own. A server that lives but serves no clients (no quorum) answers too.
 * @throws FlinchError ZOOKEEPER when there is no whole answer in time; the signal's reason.
 */
export async function fourLetterWord(
  server: string,
  word: FourLetterWord,
  { timeoutMs, signal }: FourLetterOptions,
): Promise<string> {
  let answer: string;
  try {
    answer = await withDeadline(`"${word}"`, timeoutMs, (limit) => exchange(server, word, limit), signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new FlinchError('ZOOKEEPER', { what: `"${word}" failed: ${messageOf(error)}`, on: server, cause: error });
  }
  if (/is not executed because it is not in the whitelist/.test(answer)) {
    throw new FlinchError('ZOOKEEPER', {
      what: `the server does not allow "${word}"`,
      on: server,
      todo: `add ${word} to 4lw.commands.whitelist`,
    });
  }
  return answer;
}

function exchange(server: string, word: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const socket = connect(hostAndPort(server));
    const onAbort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > LONGEST_ANSWER) socket.destroy(new Error(`the answer is longer than ${LONGEST_ANSWER} bytes`));
    });
    socket.on('error', reject);
    socket.on('close', () => {
      signal.removeEventListener('abort', onAbort);
      if (size === 0) reject(new Error('the server closed without an answer'));
      else resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

/** Whether the server runs and is not in an error state. A server that does not answer is not. */
export async function isServing(server: string, options: FourLetterOptions): Promise<boolean> {
  try {
    return (await fourLetterWord(server, 'ruok', options)).trim() === 'imok';
  } catch {
    options.signal?.throwIfAborted();
    return false;
  }
}

/** Milliseconds. The server grants a session between the two bounds. */
export interface ServerTimes {
  tickTime: number;
  minSessionTimeout: number;
  maxSessionTimeout: number;
}

/** The server's timing, out of `conf`. @throws FlinchError ZOOKEEPER */
export async function serverTimes(server: string, options: FourLetterOptions): Promise<ServerTimes> {
  const text = await fourLetterWord(server, 'conf', options);
  const number = (key: string): number => {
    const value = new RegExp(`^${key}=(\\d+)\\s*$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new FlinchError('ZOOKEEPER', { what: `"conf" does not say ${key}`, on: server });
    return Number(value);
  };
  return {
    tickTime: number('tickTime'),
    minSessionTimeout: number('minSessionTimeout'),
    maxSessionTimeout: number('maxSessionTimeout'),
  };
}

/** As the first of these servers has them that answers. @throws FlinchError ZOOKEEPER; the signal's reason */
export async function timesOfFirst(servers: readonly string[], options: FourLetterOptions): Promise<ServerTimes> {
  let last: unknown = new FlinchError('ZOOKEEPER', { what: 'its servers are not named' });
  for (const server of servers) {
    try {
      return await serverTimes(server, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      last = error;
    }
  }
  throw last;
}

/** The servers that Flink's `high-availability.zookeeper.quorum` names. */
export const serversIn = (quorum: string): string[] =>
  quorum
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');

/** One client of a server. `session` is in hex as elsewhere; `timeout` is the granted one in milliseconds. */
export interface ServerSession {
  client: string;
  session: string;
  timeout: number;
}

/** The sessions connected to this server, out of `cons`. @throws FlinchError ZOOKEEPER */
export async function serverSessions(server: string, options: FourLetterOptions): Promise<ServerSession[]> {
  const text = await fourLetterWord(server, 'cons', options);
  const found: ServerSession[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*\/?(\S+?)\[\d+\]\(.*\bsid=(0x[0-9a-f]+),.*\bto=(\d+),/.exec(line);
    if (match) found.push({ client: match[1] as string, session: match[2] as string, timeout: Number(match[3]) });
  }
  return found;
}

/** `leader`, `follower` or `standalone`, out of `srvr`. @throws FlinchError ZOOKEEPER, also without a quorum. */
export async function serverMode(server: string, options: FourLetterOptions): Promise<string> {
  const text = await fourLetterWord(server, 'srvr', options);
  const mode = /^Mode: (\S+)/m.exec(text)?.[1];
  if (mode === undefined) throw new FlinchError('ZOOKEEPER', { what: `no mode: ${text.trim()}`, on: server });
  return mode;
}
