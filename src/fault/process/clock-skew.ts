import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { writeDuration } from '../../core/units.js';
import type { Fault, FaultContext } from '../fault.js';
import type { ClockSkewOptions } from '../schema/process.js';
import { stop } from './stop.js';
import { startAgain, takesPart } from './take-part.js';
import { chooseVictims, namesOf, onEach, type Victim, type Victims } from './victims.js';

/** What healing a wrong clock needs to know. */
export interface ClockSkewUndo extends Victims {
  /** Milliseconds that the clock is ahead; negative where it is behind. */
  by: number;
  /** Milliseconds. */
  duration: number;
}

/** A clock that differs by less is called right, and by less from what was asked for, as it was asked for. Milliseconds. */
const TOLERANCE = 500;
/** Milliseconds for the node to write a line that shows its clock. */
const SHOWN_WITHIN = 30_000;

/**
 * The process of a node is started again with a clock that is wrong, and at the end once more with the right one: a
 * machine that came back from repair without its time service. Timers are right all the time.
 */
export const clockSkew: Fault<ClockSkewOptions, ClockSkewUndo> = {
  name: 'clockSkew',
  requires: ['process', 'clock'],

  async resolve({ node, ahead, behind = 0, duration }, context) {
    const chosen = await chooseVictims(node, context);
    return { ...chosen, undo: { ...chosen.undo, by: ahead ?? -behind, duration } };
  },

  async inject(undo, context) {
    // Felt from the end of its process on, which is before it has the other clock.
    const { after, by, evidence } = await stop.inject({ ...undo, duration: 0 }, context);
    const shown = await onEach(undo.victims, async (victim) => {
      const since = context.clock.wall();
      const identity = await context.cluster.processes.start(victim.node, { ahead: undo.by });
      await takesPart(victim, identity, { since, fresh: 1, all: undo }, context);
      return shows(victim, undo.by, 'FAULT_NOT_EFFECTIVE', context);
    });
    return { after, by, evidence: [...evidence, ...shown] };
  },

  hold: ({ duration }) => duration,

  confirm: ({ victims, by }, context) => onEach(victims, (victim) => shows(victim, by, 'FAULT_NOT_EFFECTIVE', context)),

  async heal(undo, context) {
    const after = context.clock.mono();
    try {
      const evidence = (await onEach(undo.victims, (victim) => setRight(victim, undo, context))).flat();
      return { after, by: context.clock.mono(), evidence };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the clock could not be set right: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: `end the process of ${namesOf(undo.victims)} and start it again`,
        cause,
      });
    }
  },
};

/** Waits until the newest line of its log shows this clock. @returns the evidence */
async function shows(
  { node }: Victim,
  by: number,
  code: 'FAULT_NOT_EFFECTIVE' | 'HEAL_FAILED',
  { cluster, clock, signal }: FaultContext,
): Promise<string> {
  let last: number | undefined;
  try {
    await pollUntil(
      'the clock',
      async () => {
        last = await cluster.processes.clockOf(node);
        return last !== undefined && Math.abs(last - by) < TOLERANCE ? true : undefined;
      },
      { every: 100, within: SHOWN_WITHIN, clock, signal },
    );
  } catch (cause) {
    signal.throwIfAborted();
    const what = last === undefined ? 'its log shows no clock' : `its clock is ${asText(last)}, not ${asText(by)}`;
    throw new FlinchError(code, { what, on: node, cause });
  }
  return `the clock of ${node} is ${asText(by)}, by the newest line of its log`;
}

const asText = (ms: number): string =>
  Math.abs(ms) < TOLERANCE ? 'right' : `${writeDuration(Math.abs(Math.round(ms)))} ${ms > 0 ? 'ahead' : 'behind'}`;

/** One that was never started with a wrong clock is left alone. */
async function setRight(victim: Victim, all: ClockSkewUndo, context: FaultContext): Promise<string[]> {
  const { cluster } = context;
  const identity = await cluster.processes.identify(victim.node);
  const untouched = identity?.pid === victim.identity.pid && identity.startTime === victim.identity.startTime;
  if (untouched) return [`process ${identity.pid} of ${victim.node} was never ended`];
  const now = await cluster.processes.clockOf(victim.node);
  if (identity && now !== undefined && Math.abs(now) < TOLERANCE) {
    return [`${victim.node} runs as process ${identity.pid}`, await shows(victim, 0, 'HEAL_FAILED', context)];
  }
  const contenders = await context.leadership.contenders(context.signal);
  if (identity) await stop.inject({ victims: [{ ...victim, identity }], contenders, duration: 0 }, context);
  const back = await startAgain(victim, { fresh: 1, all: { ...all, contenders } }, context);
  return [...back, await shows(victim, 0, 'HEAL_FAILED', context)];
}
