import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { systemClock } from '../../src/core/clock.js';
import { pollUntil } from '../../src/core/poll.js';

const pids = (): number[] => readdirSync('/proc').map(Number).filter(Boolean);

/** A field of /proc/PID/stat after the name: 0 is the state, 1 the parent. */
function field(pid: number, index: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index];
  } catch {
    return undefined;
  }
}

export const childOf = (parent: number): number => pids().find((pid) => field(pid, 1) === String(parent)) ?? -1;

/** The namespace of a kind that a process is in. */
export function namespaceOf(pid: number, kind: 'pid' | 'net' | 'mnt'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return undefined;
  }
}

/** Processes, other than zombies, of a PID namespace. */
export const living = (namespace: string): number[] =>
  pids().filter((pid) => namespaceOf(pid, 'pid') === namespace && field(pid, 0) !== 'Z');

/** The first process below `ancestor` that is in another PID namespace than this one. */
export function innerOf(ancestor: number): number | undefined {
  const own = namespaceOf(process.pid, 'pid');
  for (let pid = ancestor; pid > 0; pid = childOf(pid)) {
    const namespace = namespaceOf(pid, 'pid');
    if (namespace !== undefined && namespace !== own) return pid;
  }
  return undefined;
}

/** Waits for something to be true; generous unless told. Milliseconds. */
export const until = (what: string, look: () => boolean, within = 10_000): Promise<true> =>
  pollUntil(what, async () => look() || undefined, {
    every: 10,
    clock: systemClock,
    signal: new AbortController().signal,
    within,
  });
