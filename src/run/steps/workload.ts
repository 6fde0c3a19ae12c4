import { type LogReader, openLog } from '../../client/kafka/log/log-reader.js';
import { createTopics } from '../../client/kafka/write/admin.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import type { Scenario, WorkloadSpec } from '../../core/scenario.js';
import { formatDuration } from '../../core/units.js';
import type { Cluster, JobControl } from '../../target/ports.js';
import { type JobPlan, planJob } from '../../workload/jobs.js';
import { startProducer, type WorkloadProducer } from '../../workload/producer.js';
import { type OutputWatch, watchOutput } from '../../workload/watch-output.js';
import type { ClusterAccess } from '../cluster/cluster-access.js';
import type { Recorder } from '../recorder.js';
import type { Cleanups } from '../safety/cleanup.js';
import { waitFor } from '../wait-for.js';
import { jobControl } from './job-control.js';
import { statementsOf, submitJob } from './submit-job.js';

const TOPICS_WITHIN = 30_000;
/** How long reading may stand still before it is given up. Milliseconds. */
const READ_STALL = 15_000;
const LOAD_EVERY = 500;
/** Faults after which the job is started again from its latest checkpoint. */
const CANCELLING: ReadonlySet<string> = new Set(['cancelJob', 'poison']);
/** Milliseconds for sends in flight when the producer is stopped. */
export const LAST_SENDS = 10_000;

/** A job that runs on records that we write. */
export interface RunningWorkload {
  /** What can be done with the job; its id changes when it is started again. */
  job: JobControl;
  /** Of the job in Flink; its consumer group and transactional ids are made of it. */
  name: string;
  input: string;
  output: string;
  producer: WorkloadProducer;
  watch: OutputWatch;
  reader: LogReader;
  /** Acknowledged records that the committed output does not show yet. */
  lag(): number;
}

export interface WorkloadDeps {
  run: string;
  scenario: Scenario;
  workload: WorkloadSpec;
  cluster: Cluster;
  access: ClusterAccess;
  clock: Clock;
  signal: AbortSignal;
  recorder: Recorder;
  undo: Cleanups;
  /** Told as soon as there is a job, so that it is watched from its first moment. */
  onJob(jobId: string, own: { input: string; output: string }): void;
}

/** Topics, job, producer, and the watch over the output, in that order; everything is undone by the cleanups. */
export async function startWorkload(deps: WorkloadDeps): Promise<RunningWorkload> {
  const { run, scenario, workload, cluster, clock, signal, recorder, undo } = deps;
  const { brokers } = cluster.endpoints;
  const [input, output] = [`${run}.input`, `${run}.output`];
  const shape = {
    partitions: workload.partitions,
    replicationFactor: scenario.cluster.brokers,
    // The verdict needs every record that was ever there.
    config: { 'retention.ms': '-1', 'cleanup.policy': 'delete' },
  };
  await createTopics(
    [input, output].map((name) => ({ name, ...shape })),
    { brokers, clientId: run, deadlineMs: TOPICS_WITHIN, signal },
  );
  // Without a checkpoint that outlives it, a cancelled job could not be started again from where it was.
  const retain = scenario.faults.some(({ kind }) => CANCELLING.has(kind));
  const plan = planJob({ workload, brokers, input, output, run, retain });
  const { gateway } = cluster.endpoints;
  const onStarted = (id: string, { name, ...of }: JobPlan, from?: string) => {
    deps.onJob(id, { input, output });
    const statements = statementsOf({ name, ...of });
    recorder.emit({ type: 'job.submitted', jobId: id, name, input, output, statements, ...(from ? { from } : {}) });
  };
  const jobId = await submitJob(plan, gateway, signal);
  onStarted(jobId, plan);
  const job = jobControl(jobId, {
    access: deps.access,
    gateway,
    clock,
    plan: (variant) => planJob({ workload, brokers, input, output, run, retain }, variant),
    onStarted,
  });

  // Into a job that runs: what piled up before would pass for the lag of a steady state.
  await tasksRunning(deps, jobId);
  const producer = await startProducer({
    brokers,
    clientId: `${run}-producer`,
    topic: input,
    partitions: workload.partitions,
    lanes: workload.lanes,
    rate: workload.rate,
    recordSize: workload.recordSize,
    clock,
    onTrouble: (message) => recorder.emit({ type: 'trouble', code: 'WORKLOAD', message }),
  });
  undo.push('stopping the producer', LAST_SENDS + 2_000, async () => void (await producer.stop(LAST_SENDS)));
  const load = setInterval(() => {
    const { attempted, acknowledged, failed, unknown } = producer.snapshot();
    recorder.emit({ type: 'observed.load', attempted, acknowledged, failed, unknown });
  }, LOAD_EVERY);
  undo.push('the load samples', 100, () => clearInterval(load));

  const reader = openLog({ brokers, clientId: `${run}-reader`, deadlineMs: READ_STALL, signal });
  const watching = new AbortController();
  const lagOf = (watch: OutputWatch): number =>
    producer.snapshot().lanes.reduce((sum, { lane, highest }) => sum + Math.max(0, highest - watch.highest(lane)), 0);
  const watch = watchOutput(
    reader,
    output,
    workload.job,
    watching.signal,
    ({ start, end, records, error, refused }, seen) =>
      recorder.emit({
        type: 'observed.output',
        start,
        end,
        records,
        total: seen.total,
        lag: lagOf(seen),
        ...(error ? { error: messageOf(error) } : {}),
        ...(refused ? { refused } : {}),
      }),
  );
  undo.push('the watch over the output', 5_000, async () => {
    watching.abort();
    await watch.ended;
    reader.close();
  });
  return { job, name: plan.name, input, output, producer, watch, reader, lag: () => lagOf(watch) };
}

/** @throws FlinchError STEADY_STATE */
async function tasksRunning({ scenario, clock, signal, recorder }: WorkloadDeps, jobId: string): Promise<void> {
  const { within } = scenario.steadyState;
  const all = await waitFor(
    () => {
      const look = recorder.events.findLast(
        (e) => e.type === 'observed.jobs' && e.jobs?.some(({ id }) => id === jobId),
      );
      const job = look?.type === 'observed.jobs' ? look.jobs?.find(({ id }) => id === jobId) : undefined;
      return job && job.total > 0 && job.running + job.finished === job.total ? true : undefined;
    },
    { until: clock.mono() + within, clock, signal },
  );
  if (all) return;
  const trouble = recorder.events.findLast(
    (e) => e.type === 'observed.exceptions' && e.entries && e.entries.length > 0,
  );
  const cause = trouble?.type === 'observed.exceptions' ? trouble.entries?.at(-1) : undefined;
  throw new FlinchError('STEADY_STATE', {
    what: `not every task of the job ran ${formatDuration(within)} after it was submitted`,
    on: cause ? `${cause.name}: ${cause.message.split('\n')[0]}` : jobId,
    todo: 'see the logs of the nodes in the run folder',
  });
}
