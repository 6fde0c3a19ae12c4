import type { Fault, FaultContext, Outcome } from '../fault.js';
import type { SavepointOptions } from '../schema/job.js';
import { accepted, begun, ended, jobOf, type Operation, onJob } from './operation.js';

/** A savepoint of the running job. What it wrote stays: it is small, and the operator's to keep. */
export const savepoint: Fault<SavepointOptions, Operation> = {
  name: 'savepoint',
  requires: [],

  resolve: async ({ expect }, context) => onJob<Operation>({ expect }, context),

  async inject({ key }, context) {
    const { seen, after } = await requestSavepoint('savepoint', key, context);
    return { after, by: context.clock.mono(), evidence: [`${seen}, of job ${jobOf(context).id()}`] };
  },

  outcome: ({ key }, context) => ended('the savepoint', (signal) => outcomeOf(key, context, signal), context),

  async heal(_undo, { clock }) {
    const now = clock.mono();
    return { after: now, by: now, evidence: ['a savepoint leaves nothing that would have to be undone'] };
  },
};

/**
 * Asks for a savepoint, or a stop with one, and waits until it is seen in progress, or over.
 * @returns what was seen, for people, and when it was asked for
 * @throws FlinchError FAULT_NOT_EFFECTIVE
 */
export async function requestSavepoint(
  what: 'savepoint' | 'stop',
  key: string,
  context: FaultContext,
): Promise<{ seen: string; after: number }> {
  const job = jobOf(context);
  const asked = what === 'stop' ? 'a stop with a savepoint' : 'a savepoint';
  const { answer: request, after } = await accepted(asked, (signal) => job.request(what, signal), context);
  job.notes.set(key, { ...job.notes.get(key), request });
  const seen = await begun(
    asked,
    async (signal) => {
      const answer = await job.answer(request, signal).catch(() => undefined);
      if (answer?.location !== undefined) return `${asked} completed at once (request ${request})`;
      if (answer?.failure !== undefined) return `${asked} failed at once (request ${request})`;
      const [latest] = await context.checkpoints.recent(signal);
      return latest?.savepoint && latest.status === 'IN_PROGRESS'
        ? `savepoint ${latest.id} in progress (request ${request})`
        : undefined;
    },
    context,
  );
  return { seen, after };
}

/** A request that nobody knows any more was the dead leader's. */
async function outcomeOf(
  key: string,
  context: FaultContext,
  signal: AbortSignal,
): Promise<Omit<Outcome, 'after' | 'by'> | undefined> {
  const job = jobOf(context);
  const answer = await job.answer(job.notes.get(key)?.request ?? '', signal);
  if (!answer) {
    const text = 'no JobManager knows the request any more: what became of the savepoint is not known to Flink';
    return { state: 'unknown', text };
  }
  if (answer.failure !== undefined) return { state: 'failed', text: `the savepoint failed: ${answer.failure}` };
  return answer.location === undefined
    ? undefined
    : { state: 'completed', text: `the savepoint completed: ${answer.location}` };
}
