import type { FlinkRest, JobOverview } from '../../client/flink/rest.js';
import type { LogReader } from '../../client/kafka/log/log-reader.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';

/** Milliseconds for a JobManager to tell which jobs there are. */
const ASK_WITHIN = 20_000;
/** Milliseconds for a job that was just submitted to run. */
const START_WITHIN = 15_000;
const EVERY = 200;
/** Flink tells a job without checkpoints by the greatest interval there is. Milliseconds. */
const NEVER = 365 * 86_400_000;
/** States of a job that has not ended. */
const ALIVE = new Set([
  'CREATED',
  'INITIALIZING',
  'RUNNING',
  'RESTARTING',
  'FAILING',
  'CANCELLING',
  'SUSPENDED',
  'RECONCILING',
]);

export interface FoundJob {
  id: string;
  name: string;
  /** Milliseconds between checkpoints, and their mode. */
  checkpoints: number;
  mode: string;
}

interface Asking {
  rest: Readonly<Record<string, FlinkRest>>;
  clock: Clock;
  signal: AbortSignal;
}

/** The job of that name or id. @throws FlinchError WORKLOAD when there is not exactly one that runs; DEADLINE. */
export async function findJob(wanted: string, asking: Asking): Promise<FoundJob> {
  const until = asking.clock.mono() + START_WITHIN;
  let job = await theOne(wanted, asking);
  // It may have been submitted a moment ago.
  while (job.state !== 'RUNNING' && asking.clock.mono() < until) {
    await asking.clock.sleep(EVERY, asking.signal);
    job = await theOne(wanted, asking);
  }
  if (job.state !== 'RUNNING') {
    throw wrong(`the job ${wanted} does not run: it is ${job.state}`, job.id, 'see its exceptions in the web UI');
  }
  const { interval, mode } = await ask('the checkpoint settings of the job', asking, (api, signal) =>
    api.checkpointConfig(job.id, signal),
  );
  if (interval <= 0 || interval > NEVER) {
    throw wrong(
      `the job ${wanted} takes no checkpoints, so that it cannot recover`,
      job.id,
      'set execution.checkpointing.interval for it',
    );
  }
  return { id: job.id, name: job.name, checkpoints: interval, mode };
}

async function theOne(wanted: string, asking: Asking): Promise<JobOverview> {
  const jobs = await ask('the list of jobs', asking, (api, signal) => api.jobsOverview(signal));
  const named = jobs.filter(({ id, name }) => id === wanted || name === wanted);
  const alive = named.filter(({ state }) => ALIVE.has(state));
  const [job, second] = alive;
  if (!job) {
    const [ended] = named;
    throw wrong(
      ended ? `the job ${wanted} does not run: it is ${ended.state}` : `no job is named ${wanted} or has that id`,
      ended ? undefined : list(jobs.filter(({ state }) => ALIVE.has(state))),
      'submit it, then run the scenario again; see docs/attach.md',
    );
  }
  if (second) {
    throw wrong(`${alive.length} jobs are named ${wanted}`, list(alive), 'write the id of the one that is meant');
  }
  return job;
}

const list = (jobs: readonly { id: string; name: string }[]): string =>
  jobs.length === 0 ? 'no job runs there' : jobs.map(({ id, name }) => `${name} (${id})`).join(', ');

const wrong = (what: string, on: string | undefined, todo: string): FlinchError =>
  new FlinchError('WORKLOAD', { what, ...(on === undefined ? {} : { on }), todo });

/** The answer of whichever JobManager gives one. */
function ask<T>(
  what: string,
  { rest, clock, signal }: Asking,
  question: (api: FlinkRest, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return pollUntil(
    what,
    async (limit) => {
      const answers = await Promise.allSettled(Object.values(rest).map((api) => question(api, limit)));
      const answer = answers.find((it) => it.status === 'fulfilled');
      if (answer) return answer.value;
      throw (answers[0] as PromiseRejectedResult | undefined)?.reason ?? new Error('there is no JobManager to ask');
    },
    { every: EVERY, within: ASK_WITHIN, clock, signal },
  );
}

/** @throws FlinchError WORKLOAD when the topic cannot be read; KAFKA_AUTH; the signal's reason. */
export async function findTopic(reader: LogReader, role: 'source' | 'sink', topic: string): Promise<void> {
  try {
    await reader.offsets(topic);
  } catch (cause) {
    if (reader.aborted || (cause instanceof FlinchError && cause.code === 'KAFKA_AUTH')) throw cause;
    throw new FlinchError('WORKLOAD', {
      what: `the topic of the ${role} cannot be read: ${messageOf(cause)}`,
      on: topic,
      todo: `check workload.attach.${role}.topic`,
      cause,
    });
  }
}
