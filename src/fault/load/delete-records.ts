import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Fault } from '../fault.js';
import type { DeleteRecordsOptions } from '../schema/load.js';
import { loadOf } from './load-of.js';

/** Nothing of it can be undone. */
export interface DeleteRecordsUndo {
  topic: string;
}

/** Milliseconds for the brokers to delete, and to say so. */
const DELETED_WITHIN = 30_000;

/**
 * Everything that the job's input holds is deleted, as when retention passes a job that is away: what it has not read by
 * then it will never read. Nothing brings deleted records back.
 */
export const deleteRecords: Fault<DeleteRecordsOptions, DeleteRecordsUndo> = {
  name: 'deleteRecords',
  requires: [],

  async resolve(_options, context) {
    const { topic } = loadOf(context).input;
    return { nodes: [{ node: 'input' }], selector: 'input', undo: { topic }, evidence: [`the job reads ${topic}`] };
  },

  async inject(_undo, context) {
    const { input } = loadOf(context);
    const { clock, signal } = context;
    const ends = await input.ends();
    const before = await input.starts();
    const after = clock.mono();
    try {
      await input.deleteBefore(ends);
      await pollUntil(
        'the records to be gone',
        async () => {
          const starts = await input.starts();
          return [...ends].every(([partition, end]) => (starts.get(partition) ?? 0) >= end) ? true : undefined;
        },
        { every: 100, within: DELETED_WITHIN, clock, signal },
      );
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the records of ${input.topic} were not deleted: ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, cause });
    }
    const offsets = [...ends].reduce((sum, [partition, end]) => sum + end - (before.get(partition) ?? 0), 0);
    const places = [...ends].map(([partition, end]) => `${partition}: ${end}`).join(', ');
    return {
      after,
      by: clock.mono(),
      evidence: [`${offsets} offsets of ${input.topic} are gone; its partitions begin at ${places}`],
    };
  },

  hold: () => 0,

  async heal({ topic }, { clock }) {
    const now = clock.mono();
    return { after: now, by: now, evidence: [`what was deleted of ${topic} stays so; what is written is kept`] };
  },
};
