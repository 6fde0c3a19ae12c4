import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { UpgradeMode } from '../../target/ports.js';
import type { Fault, FaultContext, Outcome } from '../fault.js';
import { begun, ended } from '../job/operation.js';
import { startAgain } from '../process/take-part.js';
import { namesOf, onEach, type Victims, withProcesses } from '../process/victims.js';
import type { UpgradeDeploymentOptions } from '../schema/pods.js';
import { CONTENT_WITHIN, operatedOf, WELL, wellOperated } from './operated.js';

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
    const { asked } = await deployment.restarts(signal);
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
    const look = async (limit: AbortSignal) => {
      const { lifecycle = 'nothing' } = (await deployment.state(limit)) ?? {};
      return lifecycle === WELL ? undefined : `the operator calls it ${lifecycle}, after restart ${nonce} (${mode})`;
    };
    return { after, evidence: [await begun('an upgrade', look, context)], by: clock.mono() };
  },

  outcome: (undo, context) => ended('the upgrade', (signal) => outcomeOf(undo, context, signal), context),

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      const deployment = operatedOf(context);
      const { asked } = await deployment.restarts(signal);
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
  const { clock, signal } = context;
  const deployment = operatedOf(context);
  const look = async (limit: AbortSignal) => {
    const [state, { done }] = [await deployment.state(limit), await deployment.restarts(limit)];
    return state?.lifecycle === WELL && done >= nonce
      ? `the operator calls it ${WELL}, after restart ${done}`
      : undefined;
  };
  return pollUntil('an operator that is content', look, { every: 500, within: CONTENT_WITHIN, clock, signal });
}

async function outcomeOf(
  { nonce }: UpgradeUndo,
  context: FaultContext,
  signal: AbortSignal,
): Promise<Omit<Outcome, 'after' | 'by'> | undefined> {
  const deployment = operatedOf(context);
  const { lifecycle = 'nothing', job, error } = (await deployment.state(signal)) ?? {};
  if (OVER.has(lifecycle)) {
    return { state: 'failed', text: `the operator calls it ${lifecycle}${error === undefined ? '' : `: ${error}`}` };
  }
  const { done } = await deployment.restarts(signal);
  return lifecycle === WELL && job === 'RUNNING' && done === nonce
    ? { state: 'completed', text: `the upgrade completed: the operator calls it ${WELL}, and the job runs` }
    : undefined;
}
