import { FlinchError, messageOf } from '../core/error.js';
import { formatDuration } from '../core/units.js';
import type { Fault, FaultContext } from './fault.js';
import type { PauseOptions } from './schemas.js';
import { resume, stopProcess } from './standstill.js';
import { startAgain, takesPart } from './take-part.js';
import { assertStillLeads, chooseVictim, type Victim } from './victim.js';

/** What healing a pause needs to know. */
export interface PauseUndo extends Victim {
  /** Milliseconds. */
  duration: number;
}

/**
 * SIGSTOP of a node's process for a time, as a long garbage collection or a machine that hangs does to it. Healed by
 * SIGCONT, and by starting it again should it have ended.
 */
export const pause: Fault<PauseOptions, PauseUndo> = {
  name: 'pause',
  requires: ['process'],

  async resolve({ node: selector, duration }, context) {
    const chosen = await chooseVictim(selector, context);
    return { ...chosen, undo: { ...chosen.undo, duration } };
  },

  async inject(undo, context) {
    await assertStillLeads(undo, 'pausing it', context);
    const after = context.clock.mono();
    const evidence = [await stopProcess(undo, context)];
    return { after, by: context.clock.mono(), evidence };
  },

  hold: ({ duration }) => duration,

  async confirm({ node, identity, duration }, { cluster }) {
    if (await cluster.processes.stopped(identity)) {
      return [`process ${identity.pid} of ${node} is still stopped after ${formatDuration(duration)}`];
    }
    throw new FlinchError('FAULT_NOT_EFFECTIVE', {
      what: `process ${identity.pid} did not stay stopped for ${formatDuration(duration)}`,
      on: node,
    });
  },

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence = await goOn(undo, context);
      return { after, by: context.clock.mono(), evidence };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the paused process could not be brought back: ${messageOf(cause)}`,
        on: undo.node,
        todo: `send SIGCONT to process ${undo.identity.pid}, and see the log of ${undo.node}`,
        cause,
      });
    }
  },
};

/** A process may end itself when it finds that it has lost its session or its registration. */
async function goOn(undo: PauseUndo, context: FaultContext): Promise<string[]> {
  const since = context.clock.wall();
  const resumed = await resume(undo, context);
  if (await context.cluster.processes.alive(undo.identity)) {
    try {
      return [resumed, await takesPart(undo, undo.identity, { since, fresh: false }, context)];
    } catch (error) {
      if (await context.cluster.processes.alive(undo.identity)) throw error;
    }
  }
  return [resumed, `process ${undo.identity.pid} of ${undo.node} ended`, ...(await startAgain(undo, context))];
}
