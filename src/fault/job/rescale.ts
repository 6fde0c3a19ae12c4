import { FlinchError, messageOf } from '../../core/error.js';
import type { ResourceBounds } from '../../target/ports.js';
import type { Fault } from '../fault.js';
import type { RescaleOptions } from '../schema/job.js';
import { accepted, begun, ended, jobOf, type Operation, onJob } from './operation.js';

/** What a rescaling has to know. */
export interface RescaleUndo extends Operation {
  to: number;
  /** By vertex. */
  before: ResourceBounds;
}

/** The running job gets other bounds for its parallelism, as an autoscaler gives them: the adaptive scheduler follows. */
export const rescale: Fault<RescaleOptions, RescaleUndo> = {
  name: 'rescale',
  requires: [],

  async resolve({ to, expect }, context) {
    const { evidence, ...resolved } = onJob<RescaleUndo>({ expect, to, before: {} }, context);
    const job = jobOf(context);
    const before = await bounds();
    const told = Object.values(before).map(({ least, most }) => `${least} to ${most}`);
    return {
      ...resolved,
      undo: { ...resolved.undo, before },
      evidence: [...evidence, `its vertices are to have ${told.join(', ')} subtasks`],
    };

    async function bounds(): Promise<ResourceBounds> {
      try {
        return await job.bounds(context.signal);
      } catch (cause) {
        context.signal.throwIfAborted();
        throw new FlinchError('FAULT_INJECT', {
          what: `the scheduler of the job tells no bounds of its parallelism: ${messageOf(cause)}`,
          on: job.name,
          todo: 'set cluster.flinkConfig jobmanager.scheduler: adaptive',
          cause,
        });
      }
    }
  },

  async inject({ to, before }, context) {
    const job = jobOf(context);
    const wanted = Object.fromEntries(
      Object.entries(before).map(([vertex, { least }]) => [vertex, { least: Math.min(least, to), most: to }]),
    );
    const { after } = await accepted('the rescaling', (signal) => job.setBounds(wanted, signal), context);
    await begun(
      'the rescaling',
      async (signal) => {
        const now = Object.values(await job.bounds(signal));
        return now.length > 0 && now.every(({ most }) => most === to) ? true : undefined;
      },
      context,
    );
    const evidence = [`every vertex of job ${job.id()} is to have up to ${to} subtasks`];
    return { after, by: context.clock.mono(), evidence };
  },

  outcome: ({ to }, context) =>
    ended(
      'the rescaling',
      async (signal) => {
        const { state, parallelism } = await jobOf(context).running(signal);
        if (state === 'FAILED' || state === 'CANCELED') {
          return { state: 'failed' as const, text: `the job is ${state} and not rescaled` };
        }
        return state === 'RUNNING' && parallelism.length > 0 && parallelism.every((it) => it === to)
          ? { state: 'completed' as const, text: `every vertex runs with ${to} subtasks` }
          : undefined;
      },
      context,
    ),

  async heal(_undo, { clock }) {
    const now = clock.mono();
    return { after: now, by: now, evidence: ['a job that was rescaled stays so'] };
  },
};
