import type { Fault, FaultContext, Outcome } from '../fault.js';
import type { StopJobOptions } from '../schema/job.js';
import { ended, jobOf, type Operation, onJob } from './operation.js';
import { requestSavepoint } from './savepoint.js';
import { newSavepoint, storedSavepoints } from './snapshots.js';
import { startAgain } from './start-again.js';

/** What an operation that ends the job has to know. */
export interface EndingOperation extends Operation {
  /** Milliseconds that the job stays away. */
  duration: number;
  parallelism?: number;
}

/** A stop with a savepoint, and a start from there: an upgrade, or with another parallelism a rescaling. */
export const stopJob: Fault<StopJobOptions, EndingOperation> = {
  name: 'stopJob',
  requires: [],

  resolve: async (options, context) => onJob<EndingOperation>(endingOf(options), context),

  async inject({ key }, context) {
    const { seen, after } = await requestStop(key, context);
    return { after, by: context.clock.mono(), evidence: [seen] };
  },

  hold: ({ duration }) => duration,

  async outcome({ key }, context, held) {
    const outcome = await stopOutcome(key, context);
    await held;
    return outcome;
  },

  heal: startAgain,
};

/** The part of the undo record that the options decide. */
export const endingOf = ({ expect, duration = 0, parallelism }: StopJobOptions) => ({
  expect,
  duration,
  ...(parallelism === undefined ? {} : { parallelism }),
});

/** @returns what was seen, for people, and when it was asked for @throws FlinchError FAULT_NOT_EFFECTIVE */
export async function requestStop(key: string, context: FaultContext): ReturnType<typeof requestSavepoint> {
  jobOf(context).notes.set(key, { known: await storedSavepoints(context) });
  return requestSavepoint('stop', key, context);
}

/** Waits until the job has ended, or until it is known that it will not; notes where its savepoint lies. */
export const stopOutcome = (key: string, context: FaultContext): Promise<Outcome> =>
  ended('the stop', (signal) => outcomeOf(key, context, signal), context);

async function outcomeOf(
  key: string,
  context: FaultContext,
  signal: AbortSignal,
): Promise<Omit<Outcome, 'after' | 'by'> | undefined> {
  const job = jobOf(context);
  const { state, live } = await job.look(signal);
  const answer = await job.answer(job.notes.get(key)?.request ?? '', signal);
  if (answer?.failure !== undefined) return { state: 'failed', text: `the stop failed: ${answer.failure}` };
  if (state === 'FAILED') return { state: 'failed', text: 'the job has failed' };
  if (live.length > 0) {
    if (answer) return undefined;
    const text = `no JobManager knows the request any more, and the job is ${state ?? 'there again'}`;
    return { state: 'failed', text };
  }
  // The leader that took the request may be gone: its successor does not know what a job that is over has left.
  const notes = job.notes.get(key) ?? {};
  const from =
    answer?.location ??
    (state === undefined ? undefined : (await job.snapshots(signal)).savepoint) ??
    (await newSavepoint(notes.known ?? [], context, signal));
  if (from === undefined) return { state: 'unknown', text: 'the job has ended, without a savepoint that is known' };
  job.notes.set(key, { ...notes, from });
  return { state: 'completed', text: `the job has finished with savepoint ${from}` };
}
