import { FlinchError, messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { Fault, FaultContext, Proof } from '../fault.js';
import type { CpuLimitOptions } from '../schema/process.js';
import { resume, stopProcess } from './standstill.js';
import { takesPartOrStarts } from './take-part.js';
import { assertStillLeads, chooseVictims, namesOf, onEach, type Victim, type Victims } from './victims.js';

/** Short enough that nobody takes a standstill for an end. Milliseconds. */
const PERIOD = 200;

/** What healing a limit needs to know. */
export interface CpuLimitUndo extends Victims {
  /** Percent of the time in which it may run. */
  share: number;
  /** Milliseconds. */
  duration: number;
}

/** How long the victims of this run's faults have stood still, and could have run: it lives no longer than the run. */
const spent = new WeakMap<CpuLimitUndo, { still: number; since: number }>();

/**
 * Processes stand still for most of each fifth of a second, as on a machine where others take the processor. The rest of
 * the machine, which measures, is left alone. Proven by the time that they were seen stopped; healed by SIGCONT.
 */
export const cpuLimit: Fault<CpuLimitOptions, CpuLimitUndo> = {
  name: 'cpuLimit',
  requires: ['process'],

  async resolve({ node: selector, to, duration }, context) {
    const chosen = await chooseVictims(selector, context);
    return { ...chosen, undo: { ...chosen.undo, share: to, duration } };
  },

  async inject(undo, context): Promise<Proof> {
    await assertStillLeads(undo, 'limiting it', context);
    const after = context.clock.mono();
    spent.set(undo, { still: 0, since: after });
    const told = await standStill(undo, context);
    const each = `${formatDuration(stillOf(undo))} of each ${formatDuration(PERIOD)}`;
    return { after, by: context.clock.mono(), evidence: [...told, `it stands still for ${each}`] };
  },

  meanwhile: {
    every: 1,
    async act(undo, context) {
      await context.clock.sleep(PERIOD - stillOf(undo), context.signal);
      await standStill(undo, context);
    },
  },

  hold: ({ duration }) => duration,

  async confirm(undo, { clock }) {
    const { still = 0, since = clock.mono() } = spent.get(undo) ?? {};
    const [all, percent] = [clock.mono() - since, 100 - undo.share];
    const told = `stood still for ${formatDuration(still)} of ${formatDuration(all)}`;
    // A busy machine lets it run for longer now and then.
    if (still * 100 >= (all * percent) / 2) return [`${namesOf(undo.victims)} ${told}`];
    const what = `it only ${told}, which is not even half of the time that it was to`;
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: namesOf(undo.victims) });
  },

  async heal(undo, context) {
    const { clock } = context;
    const after = clock.mono();
    try {
      const evidence = await onEach(undo.victims, async (victim) => {
        const since = clock.wall();
        const resumed = await resume(victim, context);
        return [resumed, ...(await takesPartOrStarts(victim, { since, all: undo }, context))];
      });
      return { after, by: clock.mono(), evidence: evidence.flat() };
    } catch (cause) {
      context.signal.throwIfAborted();
      throw new FlinchError('HEAL_FAILED', {
        what: `the process that was limited could not be brought back: ${messageOf(cause)}`,
        on: namesOf(undo.victims),
        todo: `send SIGCONT to process ${undo.victims.map(({ identity }) => identity.pid).join(', ')}`,
        cause,
      });
    }
  },
};

const stillOf = ({ share }: CpuLimitUndo): number => (PERIOD * (100 - share)) / 100;

/** One standstill of all; whoever has ended of it stands still too. @throws FlinchError FAULT_NOT_EFFECTIVE */
async function standStill(undo: CpuLimitUndo, context: FaultContext): Promise<string[]> {
  const { clock, cluster, signal } = context;
  const alive: Victim[] = [];
  for (const victim of undo.victims) if (await cluster.processes.alive(victim.identity)) alive.push(victim);
  const evidence = await onEach(alive, (victim) => stopProcess(victim, context));
  const since = clock.mono();
  try {
    await clock.sleep(stillOf(undo), signal);
  } finally {
    // Also where the run is interrupted: healing would only come later.
    await onEach(alive, ({ identity }) => cluster.processes.signal(identity, 'SIGCONT'));
  }
  const sum = spent.get(undo);
  if (sum) sum.still += clock.mono() - since;
  return evidence;
}
