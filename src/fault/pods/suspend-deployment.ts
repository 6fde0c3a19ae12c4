import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Operated } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, told, type Victims, withProcesses } from '../process/victims.js';
import type { SuspendDeploymentOptions } from '../schema/pods.js';
import { CONTENT_WITHIN, operatedOf, untilOperated, WELL, wellOperated } from './operated.js';

/** What ending a suspension needs to know. The victims are all nodes: the operator may take any of them away. */
export interface SuspendUndo extends Victims {
  /** Milliseconds. */
  duration: number;
  /** By whose will it is suspended. */
  by: string;
}

/** In the operator's own words. */
const SUSPENDED = 'SUSPENDED';
/** Milliseconds that the operator may take to suspend it where nobody knows whether it has. */
const SUSPENDED_WITHIN = 60_000;
/**
 * Milliseconds that it stays suspended at least. Flink answers from a cache for 3 s (`web.refresh-interval`) which checkpoint was the last,
 * and the operator believes that, and starts the job from it, though it is gone by then and there is a savepoint.
 */
const AT_LEAST = 5_000;

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
      const evidence = [await untilOperated('a suspension', suspended, CONTENT_WITHIN, context)];
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `it was asked to suspend the job, and ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'FlinkDeployment', cause });
    }
  },

  // The rest of it passes when it is healed, whoever does that.
  hold: ({ duration }) => heldFor(duration),

  async confirm({ duration }, context) {
    const still = suspended(await operatedOf(context).look(context.signal));
    if (still !== undefined) return [`${still}, after ${formatDuration(heldFor(duration))}`];
    const what = 'somebody has ended the suspension before its time';
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'FlinkDeployment' });
  },

  async heal(undo, context) {
    const { clock, cluster, signal } = context;
    const after = clock.mono();
    try {
      const deployment = operatedOf(context);
      if ((await deployment.look(signal)).suspendedBy === undo.by) await suspendedLongEnough(context);
      await deployment.resume(undo.by, signal);
      const { suspendedBy: still } = await deployment.look(signal);
      if (still === undo.by) throw new Error('its job is still not to run');
      if (still !== undefined) {
        return { after, evidence: [`it is suspended by the will of ${still}`], by: clock.mono() };
      }
      const evidence = [await untilOperated('a job that the operator runs', runs, CONTENT_WITHIN, context)];
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

const heldFor = (duration: number): number => Math.max(0, duration - AT_LEAST);

/** Whoever dies may have asked for it a moment ago. @throws the signal's reason */
async function suspendedLongEnough(context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  try {
    await untilOperated('a suspension', suspended, SUSPENDED_WITHIN, context);
  } catch {
    // An operator that does nothing is no reason to leave it so.
    signal.throwIfAborted();
  }
  await clock.sleep(AT_LEAST, signal);
}

/** Undefined while it is not, or the job runs. */
const suspended = ({ state: { lifecycle, job = 'gone' }, current }: Operated): string | undefined =>
  current && lifecycle === SUSPENDED && job !== 'RUNNING'
    ? `the operator calls it ${SUSPENDED}, and the job ${job}`
    : undefined;

/** Undefined while the operator does not have the job running. */
const runs = ({ state: { lifecycle, job }, current }: Operated): string | undefined =>
  current && lifecycle === WELL && job === 'RUNNING' ? `the operator calls it ${WELL}, and the job runs` : undefined;
