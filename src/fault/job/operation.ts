import { FlinchError } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { JobControl } from '../../target/ports.js';
import type { FaultContext, Outcome, Resolved } from '../fault.js';
import type { Expected } from '../schema/job.js';

/** What an operation on the job has to know. */
export interface Operation {
  /** Of what is noted of it. */
  key: string;
  expect: Expected;
}

/** Milliseconds that Flink may take to accept a request, with a change of its leader on the way. */
const ACCEPTED_WITHIN = 60_000;
/** Milliseconds from there to its first effect. */
const BEGUN_WITHIN = 30_000;
/** Milliseconds that an operation may take to end: Flink's own time-out of a checkpoint is 10 min. */
const ENDED_WITHIN = 120_000;
const EVERY = 100;

/** The job that is operated on. @throws FlinchError FAULT_INJECT where it is not the run's own */
export function jobOf({ job }: FaultContext): JobControl {
  if (job) return job;
  throw new FlinchError('FAULT_INJECT', { what: 'there is no job that the run has started itself' });
}

/** An operation befalls the job, and no node. */
export function onJob<Undo extends Operation>(undo: Omit<Undo, 'key'>, context: FaultContext): Resolved<Undo> {
  const job = jobOf(context);
  const key = `operation-${job.notes.size + 1}`;
  job.notes.set(key, {});
  return {
    nodes: [{ node: 'job' }],
    selector: 'job',
    undo: { ...undo, key } as Undo,
    evidence: [`job ${job.name}, ${job.id()}`],
  };
}

/**
 * Asks until Flink takes the request, as an operator would.
 * @returns what it answered, and when it was asked: nothing came of the requests before
 * @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason
 */
export async function accepted<T>(
  what: string,
  ask: (signal: AbortSignal) => Promise<T>,
  context: FaultContext,
): Promise<{ answer: T; after: number }> {
  const look = async (signal: AbortSignal) => {
    const after = context.clock.mono();
    return { answer: await ask(signal), after };
  };
  return orNotEffective(`Flink did not take the request for ${what}`, ACCEPTED_WITHIN, look, context);
}

/** Waits for the first effect of what was accepted. @throws FlinchError FAULT_NOT_EFFECTIVE; the signal's reason */
export const begun = <T>(
  what: string,
  look: (signal: AbortSignal) => Promise<T | undefined>,
  context: FaultContext,
): Promise<T> =>
  orNotEffective(`Flink took the request for ${what}, and nothing came of it`, BEGUN_WITHIN, look, context);

async function orNotEffective<T>(
  sentence: string,
  within: number,
  look: (signal: AbortSignal) => Promise<T | undefined>,
  { clock, signal }: FaultContext,
): Promise<T> {
  try {
    return await pollUntil('it', look, { every: EVERY, within, clock, signal });
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof FlinchError && cause.cause !== undefined ? `; ${cause.message}` : '';
    throw new FlinchError('FAULT_NOT_EFFECTIVE', { what: `${sentence} within ${within / 1000} s${why}`, cause });
  }
}

/**
 * Waits for the end of an operation; what is not known by the deadline stays unknown.
 * @param look undefined as long as it goes on
 * @param every milliseconds from the end of one look to the next
 */
export async function ended(
  what: string,
  look: (signal: AbortSignal) => Promise<Omit<Outcome, 'after' | 'by'> | undefined>,
  { clock, signal }: Pick<FaultContext, 'clock' | 'signal'>,
  every = EVERY,
): Promise<Outcome> {
  let after = clock.mono();
  const until = after + ENDED_WITHIN;
  let last = 'it goes on';
  while (clock.mono() < until) {
    const start = clock.mono();
    try {
      const found = await look(signal);
      if (found) return { ...found, after, by: clock.mono() };
      after = start;
      last = 'it goes on';
    } catch (error) {
      signal.throwIfAborted();
      last = error instanceof Error ? error.message : String(error);
    }
    await clock.sleep(every, signal);
  }
  return {
    state: 'unknown',
    text: `how ${what} ended is not known after ${ENDED_WITHIN / 1000} s: ${last}`,
    after,
    by: clock.mono(),
  };
}
