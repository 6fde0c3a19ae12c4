import { readFileSync } from 'node:fs';
import { systemClock } from '../../../../src/core/clock.js';
import { pollUntil } from '../../../../src/core/poll.js';
import { identifyProcess, isAlive } from '../../../../src/target/local/process-identity.js';
import type { Processes } from '../processes.js';

/** Milliseconds from SIGKILL to the end. */
const GONE_MS = 30_000;
const POLL = { every: 50, within: GONE_MS, clock: systemClock, signal: new AbortController().signal };

/**
 * Processes that run in the mount and PID namespaces of `first`. Each is the child of an nsenter, which ends with it.
 * @param processes where the nsenters are kept
 */
export function processesInside(processes: Processes, first: number): Processes {
  /** As seen from outside. */
  const pid = (name: string): number => {
    const outer = processes.pid(name);
    const [child] = readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').split(' ').filter(Boolean);
    if (child === undefined) throw new Error(`${name} does not run`);
    return Number(child);
  };
  return {
    ...processes,
    pid,
    start: (name, program, args) =>
      processes.start(name, 'nsenter', [`--target=${first}`, '--mount', '--pid', '--', program, ...args]),
    kill: async (name) => {
      const identity = identifyProcess(pid(name));
      if (identity) {
        process.kill(identity.pid, 'SIGKILL');
        await pollUntil(`the end of ${name}`, async () => !isAlive(identity) || undefined, POLL);
      }
      if (processes.runs(name)) await processes.kill(name);
    },
    signal: (name, signal) => {
      process.kill(pid(name), signal);
      // It stops as its child does, and has to be woken for itself.
      if (signal === 'SIGCONT') processes.signal(name, signal);
    },
  };
}
