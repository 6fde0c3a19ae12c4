import type { KafkaSecurity } from '../../client/kafka/protocol/security.js';
import type { Clock } from '../../core/clock.js';
import type { AttachSpec, Scenario, WorkloadSpec } from '../../core/scenario.js';
import type { LaneProduced } from '../../journal/events.js';
import type { Mark } from '../../reconcile/window/marks.js';
import type { Cluster, InputRecords, JobControl, LoadControl, Skew } from '../../target/ports.js';
import { sourceGroup } from '../../workload/jobs.js';
import type { WorkloadProducer } from '../../workload/producer.js';
import type { ClusterAccess } from '../cluster/cluster-access.js';
import type { JobInKafka } from '../cluster/servers.js';
import type { Recorder } from '../recorder.js';
import type { RunState } from '../run-state.js';
import type { Cleanups } from '../safety/cleanup.js';
import { attachedDrain, type Drained } from './attach-drain.js';
import { attachedRead } from './attach-read.js';
import { attachTo } from './attach-start.js';
import { attachedSteady } from './attach-steady.js';
import { awaitSteady } from './await-steady.js';
import { crossCheck } from './cross-check.js';
import { inputRecords } from './input-records.js';
import { quiesce } from './quiesce.js';
import { readBack } from './read-data.js';
import { watchOffsets } from './watch-offsets.js';
import { startWorkload } from './workload.js';

/** Milliseconds for ending the watch over offsets. */
const OFFSETS_WITHIN = 5_000;

export interface JobDeps {
  run: string;
  runDir: string;
  scenario: Scenario;
  /** The scenario's file. */
  source: { file: string };
  cluster: Cluster;
  access: ClusterAccess;
  clock: Clock;
  signal: AbortSignal;
  recorder: Recorder;
  undo: Cleanups;
  /** How the brokers of an attached job are spoken to. */
  security?: KafkaSecurity | undefined;
  /**
   * Told as soon as there is a job, so that it is watched from its first moment. With topics, all three are the run's
   * own, and to be cleared away.
   */
  onJob(jobId: string, own?: { input: string; output: string }): void;
}

/** The job whose cluster is broken, and how it is handled around the faults. The steps come in this order. */
export interface JobUnderTest {
  /** Of the job as it runs now. */
  jobId(): string;
  /** Absent where it is somebody else's. */
  readonly control?: JobControl;
  /** Absent where somebody else writes. */
  readonly load?: LoadControl;
  /** Milliseconds between checkpoints. */
  readonly period: number;
  /** What it reads and writes. */
  readonly inKafka: JobInKafka;
  steady(state: RunState): Promise<void>;
  drain(state: RunState): Promise<void>;
  read(state: RunState): Promise<void>;
}

/** Starts the job of the scenario, or finds the one that runs. */
export const jobUnderTest = (deps: JobDeps): Promise<JobUnderTest> => {
  const { workload } = deps.scenario;
  return workload.job === 'attached' ? attachedJob(workload.attach, deps) : ownJob(workload, deps);
};

async function ownJob(workload: WorkloadSpec, deps: JobDeps): Promise<JobUnderTest> {
  const running = await startWorkload({ ...deps, workload });
  const { brokers } = deps.cluster.endpoints;
  let produced: LaneProduced[] = [];
  let endOffsets = async () => {};
  return {
    jobId: running.job.id,
    control: running.job,
    load: loadControl(workload, running.producer, inputRecords(running.input, { ...deps, brokers })),
    period: workload.checkpoints,
    inKafka: {
      topics: [running.input, running.output],
      group: sourceGroup(running.name),
      transactionalIdPrefix: running.name,
    },
    steady(state) {
      endOffsets = watchOffsets(state, running, deps.access.rest);
      deps.undo.push('the watch over offsets', OFFSETS_WITHIN, endOffsets);
      return awaitSteady(state, running.job.id());
    },
    async drain(state) {
      produced = await quiesce(state, running);
      await endOffsets();
    },
    async read(state) {
      await readBack(state, running, produced);
      await crossCheck(state, running);
    },
  };
}

function loadControl(
  { rate: usual, partitions }: WorkloadSpec,
  producer: WorkloadProducer,
  input: InputRecords,
): LoadControl {
  let rate = usual;
  let skew: Skew | undefined;
  return {
    usual,
    partitions,
    input,
    skew: () => skew,
    setSkew(next) {
      skew = next;
      producer.setSkew(next);
    },
    attemptedByPartition: () => producer.attemptedByPartition(),
    rate: () => rate,
    setRate(next) {
      rate = next;
      producer.setRate(next);
    },
    attempted: () => producer.snapshot().attempted,
  };
}

async function attachedJob(attach: AttachSpec, deps: JobDeps): Promise<JobUnderTest> {
  const job = await attachTo(attach, deps);
  let begun: Mark;
  let end: Drained;
  return {
    jobId: job.jobId,
    period: job.period,
    inKafka: { topics: [attach.source.topic, attach.sink.topic] },
    async steady(state) {
      begun = await attachedSteady(state, job);
    },
    async drain(state) {
      end = await attachedDrain(state, job);
    },
    read: (state) => attachedRead(state, job, { attached: job.attached, begun, ...end }, deps.runDir),
  };
}
