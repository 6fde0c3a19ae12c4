import { firstAnswer } from '../../client/flink/first-answer.js';
import { ENDED } from '../../client/flink/job-state.js';
import type { FlinkRest } from '../../client/flink/rest.js';
import { httpFailure } from '../../client/http.js';
import type { Clock } from '../../core/clock.js';
import type { JobControl, JobStart } from '../../target/ports.js';
import type { JobPlan, JobVariant } from '../../workload/jobs.js';
import type { ClusterAccess } from '../cluster/cluster-access.js';
import { cancelJob } from './clear-away.js';
import { submitJob } from './submit-job.js';

const DIRECTORIES = ['execution.checkpointing.dir', 'execution.checkpointing.savepoint-dir'] as const;

export interface JobControlDeps {
  access: ClusterAccess;
  gateway: string;
  clock: Clock;
  /** The job's plan, with what is different in it. */
  plan(variant: JobVariant): JobPlan;
  /** Told of each start, with what the gateway was given. */
  onStarted(id: string, plan: JobPlan, from: string): void;
}

/** What an operator does with the run's own job, which runs already as `first`. */
export function jobControl(first: string, { access, gateway, clock, plan, onStarted }: JobControlDeps): JobControl {
  const rests = Object.values(access.rest);
  const { name } = plan({});
  let current = first;
  let parallelism: number | undefined;
  let lenient = false;
  let last: { plan: JobPlan; from: string } | undefined;
  const ask = <T>(id: string, work: (rest: FlinkRest) => Promise<T>, signal: AbortSignal) =>
    firstAnswer(rests, id, work, signal);
  const took = (id: string) => {
    current = id;
    if (last) onStarted(id, last.plan, last.from);
  };
  const control: JobControl = {
    name,
    id: () => current,
    notes: new Map(),

    async look(signal) {
      const jobs = await ask(current, (rest) => rest.jobsOverview(signal), signal);
      const state = jobs.find(({ id }) => id === current)?.state;
      const live = jobs.filter((job) => job.name === name && !ENDED.has(job.state)).map(({ id }) => id);
      return { live, ...(state === undefined ? {} : { state }) };
    },

    request: (what, signal) => ask(current, (rest) => rest[what](current, signal), signal),

    cancel: (signal) => ask(current, (rest) => rest.cancel(current, signal), signal),

    answer: (request, signal) =>
      ask(
        current,
        async (rest) => {
          try {
            return await rest.savepointAnswer(current, request, signal);
          } catch (error) {
            // Of any that answers: the next one may be the one that is dead.
            if (httpFailure(error)?.status === 404) return undefined;
            throw error;
          }
        },
        signal,
      ),

    bounds: (signal) => ask(current, (rest) => rest.requirements(current, signal), signal),

    setBounds: (bounds, signal) => ask(current, (rest) => rest.require(current, { ...bounds }, signal), signal),

    async running(signal) {
      const { state, vertices } = await ask(current, (rest) => rest.job(current, signal), signal);
      return { state, parallelism: vertices.map((vertex) => vertex.parallelism) };
    },

    snapshots: (signal) => ask(current, (rest) => rest.snapshots(current, signal), signal),

    async directories(signal) {
      const config = await ask(current, (rest) => rest.jobManagerConfig(signal), signal);
      const [checkpoints, savepoints] = DIRECTORIES.map((key) => config[key]);
      return { ...(checkpoints ? { checkpoints } : {}), ...(savepoints ? { savepoints } : {}) };
    },

    async start({ from, parallelism: wanted, lenient: passes = lenient }: JobStart, signal) {
      parallelism = wanted ?? parallelism;
      lenient = passes;
      // Noted before it is asked for: an answer that never comes may still have started it.
      last = { plan: plan({ from, parallelism, lenient }), from };
      took(await submitJob(last.plan, gateway, signal));
    },

    adopt: took,

    startChanged: ({ from }, signal) => submitJob(plan({ from, changed: true }), gateway, signal),

    failures: async (id, signal) =>
      (await ask(id, (rest) => rest.exceptions(id, signal), signal)).map(({ message }) => message),

    checkpointed: async (id, signal) => (await ask(id, (rest) => rest.checkpoints(id, signal), signal)).completed > 0,

    end: async (id) => void (await cancelJob(access, id, clock)),
  };
  return control;
}
