import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { FaultContext } from '../fault.js';
import { replaceProcess } from '../process/take-part.js';
import { onEach, type Victim, type Victims } from '../process/victims.js';

/** A TaskManager that hears of a leader registers within this time. Milliseconds. */
const REGISTERED_WITHIN = 10_000;

/**
 * Sees every TaskManager that runs registered with the leader. One that two leaders have drawn to and fro may have lost
 * them both: it is ended and started again. @returns the evidence @throws FlinchError HEAL_FAILED, DEADLINE; the signal's reason
 */
export async function taskManagersBack(all: Victims, context: FaultContext): Promise<string[]> {
  const { clock, signal } = context;
  const back = async (s: AbortSignal) => {
    const lost = await lostTaskManagers(context, s);
    return lost.length === 0 ? true : undefined;
  };
  try {
    await pollUntil('every TaskManager', back, { every: 200, within: REGISTERED_WITHIN, clock, signal });
    return ['every TaskManager that runs is registered with the leader'];
  } catch {
    signal.throwIfAborted();
  }
  const evidence = await onEach(await lostTaskManagers(context, signal), async (victim) => {
    const why = `${victim.node} was not registered within ${formatDuration(REGISTERED_WITHIN)}`;
    return [why, ...(await replaceProcess(victim, { fresh: 0, all }, context))];
  });
  return evidence.flat();
}

/** Those that run and are not registered. */
async function lostTaskManagers({ cluster, placement }: FaultContext, signal: AbortSignal): Promise<Victim[]> {
  const listed = new Set((await placement.registeredTaskManagers(signal)).map(({ id }) => id));
  const lost: Victim[] = [];
  for (const { name: node, role } of cluster.nodes) {
    if (role !== 'taskmanager' || listed.has(node)) continue;
    const identity = await cluster.processes.identify(node);
    if (identity && !(await cluster.processes.stopped(identity))) lost.push({ node, role, identity });
  }
  return lost;
}
