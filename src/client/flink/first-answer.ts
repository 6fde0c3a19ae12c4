import { FlinchError } from '../../core/error.js';
import type { FlinkRest } from './rest.js';

/**
 * Asks every JobManager in turn until one answers: each answers for the leader, or says that it cannot.
 * @throws FlinchError FLINK_REST when none does; the signal's reason.
 */
export async function firstAnswer<T>(
  rests: readonly FlinkRest[],
  jobId: string,
  ask: (rest: FlinkRest) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let last: unknown = new FlinchError('FLINK_REST', { what: 'no JobManager to ask about the job', on: jobId });
  for (const rest of rests) {
    try {
      return await ask(rest);
    } catch (error) {
      signal.throwIfAborted();
      last = error;
    }
  }
  throw last;
}

/** The same about the job as it runs at the moment of the question: one that is started again has another id. */
export const asking =
  (rests: readonly FlinkRest[], jobId: () => string) =>
  <T>(ask: (rest: FlinkRest, id: string) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const id = jobId();
    return firstAnswer(rests, id, (rest) => ask(rest, id), signal);
  };
