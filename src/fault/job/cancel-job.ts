import type { Fault } from '../fault.js';
import type { CancelJobOptions } from '../schema/job.js';
import { accepted, begun, ended, jobOf, onJob } from './operation.js';
import { latestCheckpoint } from './snapshots.js';
import { startAgain } from './start-again.js';
import { type EndingOperation, endingOf } from './stop-job.js';

/** A cancellation, after which the job must not come back of itself. */
export const cancelJob: Fault<CancelJobOptions, EndingOperation> = {
  name: 'cancelJob',
  requires: [],

  resolve: async (options, context) => onJob<EndingOperation>(endingOf(options), context),

  async inject({ key }, context) {
    const job = jobOf(context);
    const { after } = await accepted('the cancellation', (signal) => job.cancel(signal), context);
    const from = await begun(
      'the cancellation',
      async (signal) => {
        const { state } = await job.look(signal);
        return state === 'CANCELED' ? ((await latestCheckpoint(context, signal)) ?? 'not known') : undefined;
      },
      context,
    );
    if (from !== 'not known') job.notes.set(key, { from });
    const evidence = [`job ${job.id()} is CANCELED; its latest checkpoint is ${from}`];
    return { after, by: context.clock.mono(), evidence };
  },

  hold: ({ duration }) => duration,

  // The leader that has seen its end may be gone: its successor does not know a job that is over.
  async outcome(_undo, context, held) {
    await held;
    return ended(
      'the cancellation',
      async (signal) => {
        const { state = 'unknown to Flink', live } = await jobOf(context).look(signal);
        return live.length > 0
          ? { state: 'failed' as const, text: `the job runs again after it was cancelled: ${live.join(', ')}` }
          : { state: 'completed' as const, text: `the job was cancelled and did not come back: it is ${state}` };
      },
      context,
    );
  },

  heal: startAgain,
};
