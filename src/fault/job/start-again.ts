import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { FaultContext, Proof } from '../fault.js';

/** What starting the job again has to know. */
export interface StartAgain {
  key: string;
  parallelism?: number;
  /** Whether it passes over records that it cannot read from then on. */
  lenient?: boolean;
}

/** Milliseconds for starting it, and for seeing it: the gateway and the leader may have to come back first. */
const STARTED_WITHIN = 75_000;
const LOST = 'lost';

/**
 * Starts a job that has ended again from where it was, once; one that runs is left alone. Whoever heals for a run that
 * is dead has no job to start: that one's is cleared away with it.
 * @throws FlinchError HEAL_FAILED
 */
export async function startAgain({ key, parallelism, lenient }: StartAgain, context: FaultContext): Promise<Proof> {
  const { clock, signal, job } = context;
  const after = clock.mono();
  if (!job) return { after, by: after, evidence: ['the job was that of a run which is gone'] };
  const before = job.id();
  let asked = false;
  try {
    const evidence = await pollUntil(
      'the start of the job',
      async (limit) => {
        const { state, live } = await job.look(limit);
        if (live.includes(job.id())) {
          return job.id() === before
            ? `job ${before} is ${state}: it had not ended`
            : `job ${job.id()} is ${state}, started from ${job.notes.get(key)?.from}`;
        }
        const [other] = live;
        const from = job.notes.get(key)?.from;
        // One that nobody asked for here is what an operation has left: it is not the job.
        if (other !== undefined && !asked) await job.end(other);
        else if (other !== undefined) job.adopt(other);
        else if (from === undefined && state === 'FAILED')
          return `job ${before} has failed, which is not for us to undo`;
        else if (from === undefined) return LOST;
        else {
          asked = true;
          await job.start({ from, parallelism, ...(lenient ? { lenient } : {}) }, limit);
        }
        return undefined;
      },
      { every: 500, within: STARTED_WITHIN, clock, signal },
    );
    if (evidence === LOST) throw new FlinchError('HEAL_FAILED', { what: 'where to start it from is not known' });
    return { after, by: clock.mono(), evidence: [evidence] };
  } catch (cause) {
    throw new FlinchError('HEAL_FAILED', {
      what: `the job was not started again: ${messageOf(cause)}`,
      on: `job ${job.name}, ${before}`,
      todo: 'see the logs of the JobManagers and of the SQL gateway in the run folder',
      cause,
    });
  }
}
