import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { ProcessIdentity } from '../../target/ports.js';
import type { FaultContext } from '../fault.js';
import { told } from './victims.js';

/** Every thread of a process stops, or goes on, within this time of the signal. Milliseconds. */
const WITHIN = 5_000;
const EVERY = 10;

/** A node's process that is stopped and let go on. Plain data, for the ledger. */
export interface Pausable {
  node: string;
  identity: ProcessIdentity;
}

/** SIGSTOP, proven by the process state. @returns the evidence @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason */
export async function stopProcess(
  { node, identity }: Pausable,
  { cluster, clock, signal }: FaultContext,
): Promise<string> {
  await cluster.processes.signal(identity, 'SIGSTOP');
  try {
    await untilStopped(true, { node, identity }, { cluster, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const what = `SIGSTOP was sent but ${told(identity)} is not stopped`;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: node, cause });
  }
  return `${told(identity)} of ${node} is stopped (state T)`;
}

/** SIGCONT, proven by the process state; one that has ended is not stopped either. @throws FlinchError HEAL_FAILED; the signal's reason */
export async function resume({ node, identity }: Pausable, { cluster, clock, signal }: FaultContext): Promise<string> {
  const { processes } = cluster;
  await processes.signal(identity, 'SIGCONT');
  try {
    await untilStopped(false, { node, identity }, { cluster, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const what = `SIGCONT was sent but ${told(identity)} is still stopped`;
    throw new FlinchError('HEAL_FAILED', { what, on: node, cause });
  }
  return (await processes.alive(identity))
    ? `${told(identity)} of ${node} runs`
    : `${told(identity)} of ${node} is no longer there`;
}

/** Waits until the process is stopped, or is not. @throws FlinchError DEADLINE; the signal's reason */
const untilStopped = (
  stopped: boolean,
  { node, identity }: Pausable,
  { cluster, clock, signal }: Pick<FaultContext, 'cluster' | 'clock' | 'signal'>,
): Promise<true> =>
  pollUntil(
    `${node} ${stopped ? 'being stopped' : 'going on'}`,
    async () => (await cluster.processes.stopped(identity)) === stopped || undefined,
    { every: EVERY, within: WITHIN, clock, signal },
  );
