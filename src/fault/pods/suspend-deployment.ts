import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { formatDuration } from '../../core/units.js';
import type { Fault, FaultContext } from '../fault.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, told, type Victims, withProcesses } from '../process/victims.js';
import type { SuspendDeploymentOptions } from '../schema/pods.js';
import { CONTENT_WITHIN, operatedOf, WELL, wellOperated } from './operated.js';

/** What ending a suspension needs to know. The victims are all nodes: the operator may take any of them away. */
export interface SuspendUndo extends Victims {
  /** Milliseconds. */
  duration: number;
  /** By whose will it is suspended. */
  by: string;
}

/** In the operator's own words. */
const SUSPENDED = 'SUSPENDED';
const EVERY = 500;

/**
 * The operator of Flink is asked to suspend the job, and may take the cluster away for it. Proven by what it says of itself and of the
 * job; healed by asking it to run the job, and by seeing every node take its part.
 */
export const suspendDeployment: Fault<SuspendDeploymentOptions, SuspendUndo> = {
  name: 'suspendDeployment',
  requires: ['pods', 'operator'],

  async resolve({ duration }, context) {
    const evidence = [await wellOperated(context)];
    const nodes = context.cluster.nodes.filter(({ role }) => /manager$/.test(role)).map(({ name }) => name);
    const chosen = await withProcesses('deployment', { role: 'jobmanager', nodes, evidence }, context);
    const by = `suspension-${chosen.undo.victims[0]?.identity.bootId ?? ''}`;
    return { ...chosen, undo: { ...chosen.undo, duration, by } };
  },

  async inject({ by }, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    await operatedOf(context).suspend(by, signal);
    try {
      const look = () => suspended(context);
      const poll = { every: EVERY, within: CONTENT_WITHIN, clock, signal };
      return { after, evidence: [await pollUntil('a suspension', look, poll)], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `it was asked to suspend the job, and ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'FlinkDeployment', cause });
    }
  },

  hold: ({ duration }) => duration,

  async confirm({ duration }, context) {
    const still = await suspended(context);
    if (still !== undefined) return [`${still}, after ${formatDuration(duration)}`];
    const what = 'somebody has ended the suspension before its time';
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'FlinkDeployment' });
  },

  async heal(undo, context) {
    const { clock, cluster, signal } = context;
    const after = clock.mono();
    try {
      const deployment = operatedOf(context);
      await deployment.resume(undo.by, signal);
      const still = await deployment.suspendedBy(signal);
      if (still === undo.by) throw new Error('its job is still not to run');
      if (still !== undefined) {
        return { after, evidence: [`it is suspended by the will of ${still}`], by: clock.mono() };
      }
      const evidence = [await runs(context)];
      const fresh = undo.victims.filter(({ role }) => role === 'jobmanager').length;
      const back = await onEach(undo.victims, async (victim) => {
        if (await cluster.processes.alive(victim.identity))
          return [`${told(victim.identity)} of ${victim.node} runs on`];
        return startAgain(victim, { fresh, all: undo }, context);
      });
      return { after, evidence: [...evidence, ...back.flat()], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the cluster is not back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: 'set spec.job.state of the FlinkDeployment to running, and see what the operator says of it',
        cause,
      });
    }
  },
};

/** Undefined while it is not, or the job runs. */
async function suspended(context: FaultContext): Promise<string | undefined> {
  const { lifecycle, job = 'gone' } = (await operatedOf(context).state(context.signal)) ?? {};
  return lifecycle === SUSPENDED && job !== 'RUNNING'
    ? `the operator calls it ${SUSPENDED}, and the job ${job}`
    : undefined;
}

/** Waits until the operator has the job running again. @throws FlinchError DEADLINE; the signal's reason */
function runs(context: FaultContext): Promise<string> {
  const { clock, signal } = context;
  const look = async (limit: AbortSignal) => {
    const { lifecycle, job } = (await operatedOf(context).state(limit)) ?? {};
    return lifecycle === WELL && job === 'RUNNING' ? `the operator calls it ${WELL}, and the job runs` : undefined;
  };
  return pollUntil('a job that the operator runs', look, { every: EVERY, within: CONTENT_WITHIN, clock, signal });
}
