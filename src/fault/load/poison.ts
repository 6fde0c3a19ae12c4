import { randomBytes } from 'node:crypto';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { Fault, FaultContext } from '../fault.js';
import { jobOf } from '../job/operation.js';
import { latestCheckpoint } from '../job/snapshots.js';
import { startAgain } from '../job/start-again.js';
import type { PoisonOptions } from '../schema/load.js';
import { loadOf } from './load-of.js';

/** What healing has to know. */
export interface PoisonUndo {
  /** Of what is noted of it; also what the record says, which is in the error of whoever reads it. */
  key: string;
  partition: number;
  /** Milliseconds. */
  duration: number;
}

/** Milliseconds for the job to read it, fail, and say why. */
const FELT_WITHIN = 60_000;
/** Milliseconds for a job that fails again and again to be cancelled. */
const CANCELLED_WITHIN = 60_000;
const EVERY = 200;

/**
 * A record in the input that the job cannot read: it fails, is restored to where it was before that record, and reads it
 * again. Healed as an operator does it: the job is cancelled and started again so that it passes over what it cannot read.
 */
export const poison: Fault<PoisonOptions, PoisonUndo> = {
  name: 'poison',
  requires: [],

  async resolve({ duration }, context) {
    const { input, partitions } = loadOf(context);
    // One word to a parser, so that all of it is in its complaint.
    const key = `flinchpoison${randomBytes(4).toString('hex')}`;
    const partition = context.pick(partitions);
    const evidence = [`partition ${partition} of ${input.topic} was chosen by the seed`];
    return { nodes: [{ node: 'input' }], selector: 'input', undo: { key, partition, duration }, evidence };
  },

  async inject({ key, partition }, context) {
    const { clock, signal } = context;
    const { input } = loadOf(context);
    const job = jobOf(context);
    const after = clock.mono();
    try {
      await input.append(partition, key);
      const failure = await pollUntil(
        'the job to fail of it',
        async (limit) => (await job.failures(job.id(), limit)).find((message) => message.includes(key)),
        { every: EVERY, within: FELT_WITHIN, clock, signal },
      );
      const evidence = [`a record of partition ${partition} cannot be read: ${failure.split('\n')[0]}`];
      return { after, by: clock.mono(), evidence };
    } catch (cause) {
      signal.throwIfAborted();
      const what = `the job did not fail of a record that it cannot read: ${messageOf(cause)}`;
      throw new FlinchError('FAULT_NOT_EFFECTIVE', { what, on: `${input.topic}-${partition}`, cause });
    }
  },

  hold: ({ duration }) => duration,

  async heal({ key }, context) {
    const after = context.clock.mono();
    const { job } = context;
    if (job && job.notes.get(key)?.from === undefined) await cancelled(key, context);
    const { by, evidence } = await startAgain({ key, lenient: true }, context);
    return { after, by, evidence: job ? [...evidence, 'it passes over what it cannot read'] : evidence };
  },
};

/** Cancels the job, and notes where its latest checkpoint lies. @throws FlinchError HEAL_FAILED; the signal's reason */
async function cancelled(key: string, context: FaultContext): Promise<void> {
  const { clock, signal } = context;
  const job = jobOf(context);
  try {
    const from = await pollUntil(
      'the end of the job',
      async (limit) => {
        const { state } = await job.look(limit);
        if (state === 'CANCELED') return latestCheckpoint(context, limit);
        if (state !== 'CANCELLING') await job.cancel(limit);
        return undefined;
      },
      { every: EVERY, within: CANCELLED_WITHIN, clock, signal },
    );
    job.notes.set(key, { from });
  } catch (cause) {
    signal.throwIfAborted();
    throw new FlinchError('HEAL_FAILED', {
      what: `the job that fails of a record could not be cancelled: ${messageOf(cause)}`,
      on: `job ${job.name}, ${job.id()}`,
      todo: 'cancel it by hand; the run clears away what it wrote',
      cause,
    });
  }
}
