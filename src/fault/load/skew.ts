import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { LoadControl } from '../../target/ports.js';
import type { Fault, FaultContext } from '../fault.js';
import type { SkewOptions } from '../schema/load.js';
import { loadOf } from './load-of.js';

/** What a skew has to know. */
export interface SkewUndo {
  partition: number;
  /** Percent of all records. */
  share: number;
  /** Milliseconds. */
  duration: number;
}

/** Records are counted over so long. Milliseconds. */
const WINDOW = 1000;
/** The share has changed when it is nearer to the new one than so much of the difference. */
const NEARER = 0.5;
const WITHIN = 15_000;

/** One partition of the input gets most of the records, as with a key that everybody uses. */
export const skew: Fault<SkewOptions, SkewUndo> = {
  name: 'skew',
  requires: [],

  async resolve({ share, duration }, context) {
    const { partitions } = loadOf(context);
    const even = 100 / partitions;
    if (share <= even) {
      throw new FlinchError('FAULT_INJECT', {
        what: `each of ${partitions} partitions has ${Math.round(even)} % of the records as it is`,
        todo: 'write a greater share, or add partitions',
      });
    }
    const partition = context.pick(partitions);
    const evidence = [`partition ${partition} of ${partitions} was chosen by the seed`];
    return { nodes: [{ node: 'load' }], selector: 'load', undo: { partition, share, duration }, evidence };
  },

  async inject({ partition, share }, context) {
    const load = loadOf(context);
    const even = 100 / load.partitions;
    const after = context.clock.mono();
    load.setSkew({ partition, share });
    const least = even + (share - even) * NEARER;
    try {
      const seen = await shareThat((it) => it >= least, partition, load, context);
      return { after, by: context.clock.mono(), evidence: [told(partition, seen)] };
    } catch (cause) {
      context.signal.throwIfAborted();
      const what = `the workload does not prefer partition ${partition}: ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, cause });
    }
  },

  hold: ({ duration }) => duration,

  async confirm({ partition, share }, context) {
    const now = loadOf(context).skew();
    if (now?.partition === partition && now.share === share) {
      return [`partition ${partition} was to get ${share} % of the records to the end`];
    }
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: 'somebody else has ended the skew before its time' });
  },

  async heal({ partition, share }, context) {
    const { clock, load, signal } = context;
    const after = clock.mono();
    // What wrote it is gone with its run.
    if (!load) return { after, by: after, evidence: ['the load was that of a run which is gone'] };
    load.setSkew(undefined);
    const even = 100 / load.partitions;
    try {
      const seen = await shareThat((it) => it <= even + (share - even) * NEARER, partition, load, context);
      return { after, by: clock.mono(), evidence: [told(partition, seen)] };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the workload goes on preferring partition ${partition}: ${messageOf(cause)}`;
      throw new FlinchError('HEAL_FAILED', { what, todo: 'end the run', cause });
    }
  },
};

const told = (partition: number, share: number): string =>
  `partition ${partition} gets ${Math.round(share)} % of the records`;

/** Percent of the records that are handed out in a while, once it is as wanted. */
const shareThat = (
  wanted: (share: number) => boolean,
  partition: number,
  load: LoadControl,
  { clock, signal }: FaultContext,
) =>
  pollUntil(
    'the share of records',
    async (limit) => {
      const before = load.attemptedByPartition();
      await clock.sleep(WINDOW, limit);
      const more = load.attemptedByPartition().map((n, i) => n - (before[i] ?? 0));
      const all = more.reduce((sum, n) => sum + n, 0);
      const share = (100 * (more[partition] ?? 0)) / all;
      return all > 0 && wanted(share) ? share : undefined;
    },
    { every: 10, within: WITHIN, clock, signal },
  );
