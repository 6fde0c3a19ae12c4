import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { FlinchError } from '../../core/error.js';
import type { Isolation } from '../ports.js';
import { INSIDE } from './inside.js';
import { UNSHARE } from './isolation-probe.js';
import { ENTERED, LEFT } from './lifeline.js';
import { onPath } from './prerequisites.js';

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGWINCH'] as const;

/** Ignored by the wrapper so that only the outer process decides what a signal means; Node restores its own handling. */
const DEAF = ['/bin/sh', '-c', `trap '' INT TERM HUP QUIT; exec "$@"`, 'sh'];

export interface ReexecOptions {
  /** Environment of the inner process, on top of this one's. */
  env?: Readonly<Record<string, string>>;
  /** Arguments after Node's own: script and its arguments. Default: this process's. */
  argv?: readonly string[];
  /** A listening socket's descriptor to hand in as LISTENER_FD; this process has to close its own copy. */
  listener?: number;
  /** Called when the inner process has been started. */
  onSpawn?: (pid: number) => void;
}

/** Command line that makes new namespaces and dies with its parent. */
export async function unshareCommand(isolation: Isolation): Promise<string[]> {
  if (isolation === 'none') return [];
  return [...(await dyingWithParent()), ...DEAF, 'unshare', ...UNSHARE[isolation]];
}

/** `setpriv` where there is one; the lifeline does the same a little later. */
export async function dyingWithParent(): Promise<string[]> {
  return (await onPath('setpriv')) ? ['setpriv', '--pdeathsig', 'KILL'] : [];
}

/**
 * Runs this very command again inside new namespaces and waits for it, for as long as it takes. Signals are passed on
 * once; the terminal stays the inner process's own.
 * @returns its exit code; 128 + the signal's number when it was killed.
 */
export async function reexecInside(
  isolation: Exclude<Isolation, 'none'>,
  options: ReexecOptions = {},
): Promise<number> {
  return runWithLifeline(await unshareCommand(isolation), options);
}

/**
 * The exit code that the inner process announced. Without an announcement it was killed: `unshare` then exits with 1,
 * which must not be taken for a verdict.
 */
function exitCodeOf(said: string, code: number | null, signal: NodeJS.Signals | null): number {
  const announced = said.split('\n').findLast((line) => line.startsWith(LEFT));
  if (announced !== undefined) return Number(announced.slice(LEFT.length));
  return 128 + constants.signals[signal ?? (code !== null && code > 128 ? nameOf(code - 128) : 'SIGKILL')];
}

const nameOf = (signal: number): NodeJS.Signals =>
  (Object.entries(constants.signals).find(([, it]) => it === signal)?.[0] ?? 'SIGKILL') as NodeJS.Signals;

/** Runs this very command behind a prefix such as `unshare` or `nsenter`, with a lifeline. */
export function runWithLifeline(prefix: readonly string[], options: ReexecOptions): Promise<number> {
  const { env = {}, argv = process.argv.slice(1), listener, onSpawn } = options;
  const [command = process.execPath, ...args] = [...prefix, process.execPath, ...process.execArgv, ...argv];
  const child = spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...(listener === undefined ? [] : [listener])],
    env: { ...process.env, ...env, [INSIDE]: '1' },
    // Its own session: the terminal's Ctrl-C then reaches this process only, which passes it on exactly once.
    detached: true,
  });
  const lifeline = child.stdio[3] as Duplex;
  lifeline.on('error', () => {});
  const handlers = PASSED_ON.map((signal) => {
    const handler = () => void lifeline.write(`${signal}\n`);
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  let said = '';
  lifeline.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise<number>((resolve, reject) => {
    const failed = (on: string, cause?: unknown) =>
      reject(new FlinchError('CLUSTER_START', { what: 'could not enter the namespaces', on, cause }));
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      clearTimeout(timer);
      if (!said.includes(ENTERED)) return failed(`${command} ended with ${signal ?? `code ${code}`}`);
      resolve(exitCodeOf(said, code, signal));
    };
    let timer: NodeJS.Timeout | undefined;
    child.once('spawn', () => onSpawn?.(child.pid ?? 0));
    child.once('error', (cause) => failed(command, cause));
    // The last words come before the end of the lifeline; should something else hold it open, not for long.
    child.once('close', ended);
    child.once('exit', (code, signal) => {
      timer = setTimeout(ended, 1000, code, signal);
    });
  }).finally(() => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
    lifeline.destroy();
  });
}
