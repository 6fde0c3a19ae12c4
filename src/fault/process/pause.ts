import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Fault, FaultContext } from '../fault.js';
import type { PauseOptions } from '../schema/process.js';
import { resume, stopProcess } from './standstill.js';
import { takesPartOrStarts } from './take-part.js';
import { assertStillLeads, chooseVictims, namesOf, onEach, told, type Victim, type Victims } from './victims.js';

/** What healing a pause needs to know. */
export interface PauseUndo extends Victims {
  /** Milliseconds. */
  duration: number;
}

/**
 * SIGSTOP of processes for a time, as a long garbage collection or a machine that hangs does to them. Healed by
 * SIGCONT, and by starting one again should it have ended.
 */
export const pause: Fault<PauseOptions, PauseUndo> = {
  name: 'pause',
  requires: ['process'],

  async resolve({ node: selector, duration }, context) {
    const chosen = await chooseVictims(selector, context);
    return { ...chosen, undo: { ...chosen.undo, duration } };
  },

  async inject(undo, context) {
    await assertStillLeads(undo, 'pausing it', context);
    const after = context.clock.mono();
    const evidence = await onEach(undo.victims, (victim) => stopProcess(victim, context));
    return { after, by: context.clock.mono(), evidence };
  },

  hold: ({ duration }) => duration,

  confirm: ({ victims, duration }, { cluster }) =>
    onEach(victims, async ({ node, identity }) => {
      if (await cluster.processes.stopped(identity)) {
        return `${told(identity)} of ${node} is still stopped after ${formatDuration(duration)}`;
      }
      const what = `${told(identity)} did not stay stopped for ${formatDuration(duration)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: node });
    }),

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence = (await onEach(undo.victims, (victim) => goOn(victim, undo, context))).flat();
      return { after, by: context.clock.mono(), evidence };
    } catch (cause) {
      context.signal.throwIfAborted();
      const pids = undo.victims.map(({ identity }) => identity.pid).join(', ');
      throw new FlinchError('HEAL_FAILED', {
        what: `the paused process could not be brought back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: `send SIGCONT to process ${pids}, and see the log of ${namesOf(undo.victims)}`,
        cause,
      });
    }
  },
};

/** A process may end itself when it finds that it has lost its session or its registration. */
async function goOn(victim: Victim, all: Victims, context: FaultContext): Promise<string[]> {
  const since = context.clock.wall();
  const resumed = await resume(victim, context);
  return [resumed, ...(await takesPartOrStarts(victim, { since, all }, context))];
}
