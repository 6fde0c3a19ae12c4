import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { LoadControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { SurgeOptions } from '../schema/load.js';
import { loadOf } from './load-of.js';

/** What a surge has to know. */
export interface SurgeUndo {
  times: number;
  /** Milliseconds. */
  duration: number;
}

/** Records are counted over so long: the producer writes ten batches a second. Milliseconds. */
const WINDOW = 1000;
/** The rate has changed when it is nearer to the new one than so much of the difference. */
const NEARER = 0.5;
const WITHIN = 15_000;

/** The records that people expect on their busiest day, and some more. */
export const surge: Fault<SurgeOptions, SurgeUndo> = {
  name: 'surge',
  requires: [],

  async resolve({ times, duration }, context) {
    const { usual } = loadOf(context);
    const evidence = [`the workload writes ${usual} records/s`];
    return { nodes: [{ node: 'load' }], selector: 'load', undo: { times, duration }, evidence };
  },

  async inject({ times }, context) {
    const load = loadOf(context);
    const after = context.clock.mono();
    load.setRate(load.usual * times);
    const least = load.usual * (1 + (times - 1) * NEARER);
    try {
      const rate = await rateThat((it) => it >= least, load, context);
      return { after, by: context.clock.mono(), evidence: [`the workload writes ${Math.round(rate)} records/s`] };
    } catch (cause) {
      context.signal.throwIfAborted();
      const what = `the workload does not write ${times} times as much: ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, cause });
    }
  },

  hold: ({ duration }) => duration,

  async confirm({ times }, context) {
    const load = loadOf(context);
    if (load.rate() === load.usual * times) return [`${Math.round(load.rate())} records/s were asked for to the end`];
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'somebody else has ended the surge before its time' });
  },

  async heal({ times }, context) {
    const { clock, load, signal } = context;
    const after = clock.mono();
    // What wrote it is gone with its run.
    if (!load) return { after, by: after, evidence: ['the load was that of a run which is gone'] };
    load.setRate(load.usual);
    const most = load.usual * (1 + (times - 1) * NEARER);
    try {
      const rate = await rateThat((it) => it <= most, load, context);
      return { after, by: clock.mono(), evidence: [`the workload writes ${Math.round(rate)} records/s`] };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the workload goes on writing too much: ${messageOf(cause)}`;
      throw new FlinchError('HEAL_FAILED', { what, todo: 'end the run', cause });
    }
  },
};

/** Records a second, counted as they are handed out, once they are as wanted. */
const rateThat = (wanted: (rate: number) => boolean, load: LoadControl, { clock, signal }: FaultContext) =>
  pollUntil(
    'the rate',
    async (limit) => {
      const [since, before] = [clock.mono(), load.attempted()];
      await clock.sleep(WINDOW, limit);
      const rate = ((load.attempted() - before) / (clock.mono() - since)) * 1000;
      return wanted(rate) ? rate : undefined;
    },
    { every: 10, within: WITHIN, clock, signal },
  );
