import { FlinchError, messageOf } from '../../core/error.js';
import type { Operated, UpgradeMode } from '../../target/ports.js';
import type { Fault, FaultContext, Outcome } from '../fault.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, type Victims, withProcesses } from '../process/victims.js';
import type { UpgradeDeploymentOptions } from '../schema/pods.js';
import { CONTENT_WITHIN, endOperated, operatedOf, untilOperated, WELL, wellOperated } from './operated.js';

/** What healing an upgrade needs to know. The victims are all nodes: each gets another pod. */
export interface UpgradeUndo extends Victims {
  mode: UpgradeMode;
  /** As it was asked for before. */
  before?: UpgradeMode;
  /** The number of the restart that is asked for. */
  nonce: number;
}

/** In the operator's own words. */
const OVER: ReadonlySet<string> = new Set(['FAILED', 'ROLLED_BACK', 'SUSPENDED']);

/**
 * The operator of Flink is asked to carry the job over to a new cluster. Proven by what it says of itself; healed by seeing
 * every node take its part. The number by which it was asked stays: another one would ask for another restart.
 */
export const upgradeDeployment: Fault<UpgradeDeploymentOptions, UpgradeUndo> = {
  name: 'upgradeDeployment',
  requires: ['pods', 'operator'],

  async resolve({ mode }, context) {
    const { cluster, signal } = context;
    const deployment = operatedOf(context);
    const evidence = [await wellOperated(context)];
    const { asked } = await deployment.look(signal);
    const nodes: string[] = [];
    // Those that another fault has taken away it brings back itself.
    for (const { name } of cluster.nodes) if (await cluster.processes.identify(name)) nodes.push(name);
    const chosen = await withProcesses('deployment', { role: 'jobmanager', nodes, evidence }, context);
    const before = asked.mode && { before: asked.mode };
    return { ...chosen, undo: { ...chosen.undo, mode, nonce: asked.nonce + 1, ...before } };
  },

  async inject({ mode, nonce }, context) {
    const { clock, signal } = context;
    const deployment = operatedOf(context);
    const after = clock.mono();
    await deployment.ask({ nonce, mode }, signal);
    // Until then it may still speak of what was asked for before.
    const look = ({ state: { lifecycle = 'nothing' }, done }: Operated) =>
      done >= nonce ? `the operator calls it ${lifecycle}, after restart ${nonce} (${mode})` : undefined;
    try {
      return { after, evidence: [await untilOperated('an upgrade', look, CONTENT_WITHIN, context)], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the operator was asked for it, and ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: 'FlinkDeployment', cause });
    }
  },

  outcome: (undo, context) => endOperated('the upgrade', (operated) => outcomeOf(undo, operated), context),

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      const deployment = operatedOf(context);
      const { asked } = await deployment.look(signal);
      if (asked.nonce < undo.nonce) return { after, evidence: ['no restart was asked for'], by: clock.mono() };
      // The pods of before may take their part yet while it goes on.
      const evidence = [await content(undo, context)];
      // Another mode than ours is somebody else's.
      if (undo.before !== undefined && undo.before !== undo.mode && asked.mode === undo.mode) {
        await deployment.ask({ nonce: asked.nonce, mode: undo.before }, signal);
        evidence.push(`its upgrade mode is ${undo.before} again`);
      }
      const fresh = undo.victims.filter(({ role }) => role === 'jobmanager').length;
      const back = await onEach(undo.victims, (victim) => startAgain(victim, { fresh, all: undo }, context));
      return { after, evidence: [...evidence, ...back.flat()], by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the cluster is not back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: 'see what the operator says of the FlinkDeployment',
        cause,
      });
    }
  },
};

/** Waits until the operator has carried out what was asked for. @throws FlinchError DEADLINE; the signal's reason */
function content({ nonce }: UpgradeUndo, context: FaultContext): Promise<string> {
  const look = ({ state: { lifecycle }, current, done }: Operated) =>
    current && lifecycle === WELL && done >= nonce ? `the operator calls it ${WELL}, after restart ${done}` : undefined;
  return untilOperated('an operator that is content', look, CONTENT_WITHIN, context);
}

function outcomeOf({ nonce }: UpgradeUndo, operated: Operated): Omit<Outcome, 'after' | 'by'> | undefined {
  const { current, done } = operated;
  const { lifecycle = 'nothing', job, error } = operated.state;
  if (OVER.has(lifecycle)) {
    return { state: 'failed', text: `the operator calls it ${lifecycle}${error === undefined ? '' : `: ${error}`}` };
  }
  return current && lifecycle === WELL && job === 'RUNNING' && done === nonce
    ? { state: 'completed', text: `the upgrade completed: the operator calls it ${WELL}, and the job runs` }
    : undefined;
}
