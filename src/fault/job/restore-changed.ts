import type { JobControl } from '../../target/ports.js';
import type { Fault, FaultContext, Outcome } from '../fault.js';
import type { RestoreChangedOptions } from '../schema/job.js';
import { ended, jobOf, type Operation, onJob } from './operation.js';
import { startAgain } from './start-again.js';
import { requestStop, stopOutcome } from './stop-job.js';

/** What Flink says of state that does not fit the job. */
const MISFIT =
  /StateMigrationException|cannot map .*(?:savepoint|checkpoint) state|incompatible|allowNonRestoredState|Failed to rollback/i;

const LOOK_WITHIN = 10_000;

/** An upgrade that must fail, and say why: the state of the job that is started from the savepoint has another schema. */
export const restoreChanged: Fault<RestoreChangedOptions, Operation> = {
  name: 'restoreChanged',
  requires: [],

  resolve: async ({ expect }, context) => onJob<Operation>({ expect }, context),

  async inject({ key }, context) {
    const { seen, after } = await requestStop(key, context);
    return { after, by: context.clock.mono(), evidence: [seen] };
  },

  hold: () => 0,

  async outcome({ key }, context) {
    const stopped = await stopOutcome(key, context);
    const from = jobOf(context).notes.get(key)?.from;
    if (stopped.state !== 'completed' || from === undefined) {
      return { ...stopped, state: 'unknown', text: `the changed job was not tried, as ${stopped.text}` };
    }
    return restoreOutcome(from, context);
  },

  heal: startAgain,
};

/** Starts the changed job and sees what becomes of it; it is ended in any case. */
async function restoreOutcome(from: string, context: FaultContext): Promise<Outcome> {
  const job = jobOf(context);
  let id: string | undefined;
  let refused: string | undefined;
  try {
    return await ended(
      'the restore',
      async (signal) => {
        // An answer that never came may have started one.
        if (id === undefined) await endAll(await job.look(signal), job);
        id ??= await job.startChanged({ from }, signal).catch((error: Error) => {
          // The gateway has compiled it and Flink has refused it, or nobody has answered: only the first is an outcome.
          if (!MISFIT.test(error.message)) throw error;
          refused = error.message;
          return '';
        });
        if (id === '') return { state: 'failed' as const, text: `Flink refused the changed job: ${refused}` };
        const misfit = (await job.failures(id, signal)).find((text) => MISFIT.test(text));
        if (misfit !== undefined) return { state: 'failed' as const, text: `the changed job failed: ${misfit}` };
        return (await job.checkpointed(id, signal))
          ? { state: 'completed' as const, text: 'the changed job runs, and has completed a checkpoint' }
          : undefined;
      },
      context,
    );
  } finally {
    // Also where the run is interrupted: it would write beside the job.
    await endAll(await job.look(AbortSignal.timeout(LOOK_WITHIN)), job);
  }
}

/** The job itself has ended: whatever lives by its name is a changed one. */
async function endAll({ live }: { live: string[] }, job: JobControl): Promise<void> {
  for (const id of live) await job.end(id);
}
