import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../ports.js';

/** What the process table says of a process: its one-letter state and when it started. */
interface Entry {
  state: string;
  startTime: string;
}

/** Synchronous on purpose: between the look and a signal nothing may reap the process and free its PID. */
const entryOf = process.platform === 'linux' ? fromProc : fromPs;

/** Fields 3 and 22 of /proc/PID/stat. Undefined for a process that is gone or a zombie. */
function fromProc(pid: number): Entry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses and may hold anything, spaces and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0] ?? 'X', fields[19]];
  return state === 'Z' || state === 'X' || startTime === undefined ? undefined : { state, startTime };
}

function fromPs(pid: number): Entry | undefined {
  try {
    const [state = '', ...start] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split(/\s+/);
    return state.startsWith('Z') || start.length === 0
      ? undefined
      : { state: state.charAt(0), startTime: start.join(' ') };
  } catch {
    return undefined;
  }
}

let boot: string | undefined;

function bootId(): string {
  if (boot === undefined) {
    try {
      boot =
        process.platform === 'linux'
          ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
          : execFileSync('sysctl', ['-n', 'kern.boottime'], { encoding: 'utf8', timeout: 5000 }).trim();
    } catch {
      boot = 'unknown';
    }
  }
  return boot;
}

/** Which process has this PID now. Undefined when none has, or only a zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = entryOf(pid)?.startTime;
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

/** Whether exactly this process still runs: same PID, same start, same boot, not a zombie. */
export function isAlive(identity: ProcessIdentity): boolean {
  return isSame(identity, entryOf(identity.pid));
}

/** Whether exactly this process is there and stopped, as after SIGSTOP. */
export function isStopped(identity: ProcessIdentity): boolean {
  const entry = entryOf(identity.pid);
  return isSame(identity, entry) && entry?.state === 'T';
}

const isSame = (identity: ProcessIdentity, entry: Entry | undefined): boolean =>
  identity.bootId === bootId() && entry?.startTime === identity.startTime;

/** Sends a signal to exactly this process. False when it is gone. @throws EPERM */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Pages of memory that the process holds now; 0 where the system does not tell. */
export function residentPages(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  } catch {
    return 0;
  }
}
