import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Fault, FaultContext } from '../fault.js';
import { startEnded } from '../process/take-part.js';
import { assertStillLeads, chooseVictims, type Victims } from '../process/victims.js';
import type { StealLeaseOptions } from '../schema/store.js';
import { led } from './job-managers.js';
import { leaseOf, renewedAgain } from './the-lease.js';

/** Well within any lease. Milliseconds. */
const RENEW_EVERY = 2_000;

/** What healing a stolen lease needs to know. */
export interface StealUndo extends Victims {
  /** Who holds the lease meanwhile. */
  thief: string;
  /** Milliseconds. */
  duration: number;
}

/**
 * Somebody who is no JobManager takes the lease of the leader and renews it. Proven by reading it; healed by giving it back,
 * and by seeing a JobManager lead in a session of its own. Without healing it runs out.
 */
export const stealLease: Fault<StealLeaseOptions, StealUndo> = {
  name: 'stealLease',
  requires: ['pods', 'configMaps'],

  async resolve({ node, duration }, context) {
    const lease = leaseOf(context);
    const chosen = await chooseVictims(node, context);
    const { holder } = (await lease.held(context.signal)) ?? {};
    if (holder === undefined) {
      throw new FlinchError('LEADER_UNKNOWN', {
        what: 'nobody holds the lease',
        on: context.cluster.endpoints.haPath,
        todo: 'run the scenario again; if it repeats, the cluster is not steady',
      });
    }
    return {
      ...chosen,
      evidence: [...chosen.evidence, `${holder} holds the lease`],
      undo: { ...chosen.undo, thief: `flinch-${holder}`, duration },
    };
  },

  async inject(undo, context) {
    const { clock, signal } = context;
    await assertStillLeads(undo, 'taking its lease', context);
    const after = clock.mono();
    await leaseOf(context).take(undo.thief, signal);
    return { after, evidence: [await stolen(undo, context)], by: clock.mono() };
  },

  hold: ({ duration }) => duration,

  meanwhile: {
    every: RENEW_EVERY,
    act: ({ thief }, context) => leaseOf(context).renew(thief, context.signal),
  },

  confirm: async (undo, context) => [`${await stolen(undo, context)}, after ${formatDuration(undo.duration)}`],

  async heal(undo, context) {
    const { clock, signal } = context;
    const after = clock.mono();
    try {
      await leaseOf(context).giveBack(undo.thief, signal);
      const evidence: string[] = [];
      for (const victim of undo.victims) evidence.push(...(await startEnded(victim, undo, context)));
      evidence.push(await renewedAgain(context), await led(context));
      return { after, evidence, by: clock.mono() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `no JobManager leads: ${messageOf(cause)}`,
        on: context.cluster.endpoints.haPath,
        todo: `the lease of ${undo.thief} runs out by itself; see the logs of the JobManagers`,
        cause,
      });
    }
  },
};

/** @throws FlinchError FAULT_NOT_EFFECTIVE when it is somebody else's by now */
async function stolen({ thief }: StealUndo, context: FaultContext): Promise<string> {
  const { holder } = (await leaseOf(context).held(context.signal)) ?? {};
  if (holder === thief) return `${thief} holds the lease`;
  throw new FlinchError('FAULT_NOT_EFFECTIVE', {
    what: holder === undefined ? 'nobody holds the lease' : `${holder} holds the lease`,
    on: context.cluster.endpoints.haPath,
  });
}
