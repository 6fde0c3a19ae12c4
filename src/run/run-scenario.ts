import type { KafkaSecurity } from '../client/kafka/protocol/security.js';
import type { Clock } from '../core/clock.js';
import { FlinchError, toFlinchError } from '../core/error.js';
import { seededPick } from '../core/pick.js';
import type { Scenario } from '../core/scenario.js';
import { JOURNAL_VERSION } from '../journal/events.js';
import { observeAll } from '../observe/index.js';
import { uncleanness } from './cluster/clean.js';
import { openAccess } from './cluster/cluster-access.js';
import type { ClusterSource } from './cluster/cluster-source.js';
import { askServers, type JobInKafka } from './cluster/servers.js';
import type { Recorder } from './recorder.js';
import type { RunState } from './run-state.js';
import { type Cleanups, cleanups } from './safety/cleanup.js';
import { healOpen } from './safety/heal.js';
import { interruptedBy } from './safety/interrupt.js';
import { openLedger } from './safety/ledger.js';
import { startPulse } from './safety/pulse.js';
import { sharedLedger } from './safety/shared-ledger.js';
import { type StopWatch, stopWatch } from './safety/stop-watch.js';
import { beyondRepair } from './steps/beyond-repair.js';
import { announced, host, recordCluster, recordExits } from './steps/bring-up.js';
import { clearAway } from './steps/clear-away.js';
import { keepLogs } from './steps/copy-logs.js';
import { detectionOf, unnoticedOf } from './steps/detection.js';
import { jobUnderTest } from './steps/job-under-test.js';
import { relevantLines } from './steps/node-logs.js';
import { runFaults } from './steps/run-faults.js';
import { settle } from './steps/settle.js';
import { step } from './steps/steps.js';
import { listenToLogs } from './steps/tell-logs.js';

/** Milliseconds for closing one thing that a run opened. */
const CLOSE_WITHIN = 5_000;
/** Milliseconds for what cancels a job, deletes topics and sees that all is as it was. */
const CLEAR_WITHIN = 170_000;
/** Milliseconds for a cluster that is not replaced to be as it was: a connection that was cut is tried again after up to 2 min (TCP). */
const NOT_OURS_WITHIN = 130_000;
/** Milliseconds for ending the cluster, which may write its class-data archives first. */
const RELEASE_WITHIN = 60_000;

/** What a run is, and what it runs with. */
export interface RunOrder {
  scenario: Scenario;
  source: { file: string; text: string };
  /** Unique; also names the topics and the job. */
  run: string;
  runDir: string;
  flinch: string;
  clusters: ClusterSource;
  clock: Clock;
  /** Aborted by an interrupt. */
  interrupted: AbortSignal;
  recorder: Recorder;
  /** How the brokers of a job that is not Flinch's own are spoken to. */
  security?: KafkaSecurity | undefined;
}

/** What is known of a run while it goes, for the one who has to end it. */
interface Progress {
  undo: Cleanups;
  /** Set before the first fault. */
  state?: RunState;
  /** Whether the cluster is known to be as healthy as it was. */
  sound: boolean;
}

/** A run in two halves, so that the second happens however the first ends. Neither throws. */
export interface ScenarioRun {
  /** From bringing the cluster up to reading the data back; what goes wrong is trouble in the journal. */
  run(): Promise<void>;
  /**
   * Heals what is not healed and clears away what was started; once, however often it is called.
   * @returns whether every fault is healed, also where the journal could not take it
   */
  end(): Promise<{ healed: boolean }>;
}

export function scenarioRun(order: RunOrder): ScenarioRun {
  const { scenario, source, run, flinch, interrupted, recorder } = order;
  const { emit } = recorder;
  const progress: Progress = { undo: cleanups(), sound: false };
  const stopped = new AbortController();
  const stops = stopWatch(scenario.stop ?? [], recorder, order.clock);
  let running: Promise<void> | undefined;
  let ending: Promise<{ healed: boolean }> | undefined;

  async function steps(): Promise<void> {
    emit({ type: 'run.started', journal: JOURNAL_VERSION, run, flinch, scenario, source, host: host() });
    try {
      await runSteps(order, progress, stops, stopped.signal);
      progress.sound = true;
    } catch (error) {
      const signal = interruptedBy(interrupted);
      const { code, message } = toFlinchError(error);
      if (signal !== undefined) emit({ type: 'interrupted', signal });
      else if (code !== 'STOP_CONDITION') emit({ type: 'trouble', code, message });
    } finally {
      stops.end();
    }
  }

  async function end(): Promise<{ healed: boolean }> {
    // Whoever ends a run that still goes on has met a defect: nothing may act on the cluster beside the healing.
    stopped.abort(new FlinchError('INTERNAL', { what: 'the run was ended before its last step' }));
    await running;
    const healed = await healRest(progress.state, emit);
    // Whoever is told later than the end would be told what is not so any more; what cannot be told this machine knows.
    await progress.state?.ledger.known?.().catch(() => {});
    progress.sound &&= healed;
    for (const message of await progress.undo.run()) emit({ type: 'trouble', code: 'CLEANUP', message });
    emit({ type: 'run.ended' });
    return { healed };
  }

  return {
    run: () => {
      running ??= steps();
      return running;
    },
    end: () => {
      ending ??= end();
      return ending;
    },
  };
}

async function healRest(state: RunState | undefined, emit: Recorder['emit']): Promise<boolean> {
  if (!state) return true;
  try {
    return await healOpen(state.ledger, (signal) => state.faultContext(signal), emit);
  } catch (error) {
    // The ledger itself cannot be read: what it holds is unknown, so nothing may be called healed.
    emit({ type: 'trouble', code: 'HEAL_FAILED', message: toFlinchError(error).message });
    return false;
  }
}

async function runSteps(order: RunOrder, progress: Progress, stops: StopWatch, stopped: AbortSignal): Promise<void> {
  const { scenario, run, runDir, clusters, clock, interrupted, recorder } = order;
  const { emit } = recorder;
  const { undo } = progress;
  const signal = AbortSignal.any([interrupted, recorder.broken, stopped, stops.signal]);
  const began = clock.wall();

  const acquired = await step(recorder, 'cluster', () => {
    undo.push('ending the cluster', RELEASE_WITHIN, () => clusters.release(progress.sound));
    return clusters.acquire({ spec: scenario.cluster, runDir, signal, onReady: () => {} });
  });
  const { cluster, asked: askedToEnd } = announced(acquired.cluster, emit);
  // First of all that is undone, so last to end: it must beat while healing goes on.
  if (clusters.pulse) undo.push('the pulse', CLOSE_WITHIN, startPulse(clusters.pulse));
  const copyLogs = keepLogs(cluster, runDir);
  undo.push('keeping the logs', CLOSE_WITHIN, () => {
    for (const { name } of cluster.nodes) {
      const lines = relevantLines(cluster, name, began);
      if (lines.length > 0) emit({ type: 'node.log', node: name, lines });
    }
    copyLogs();
  });
  undo.push("what the TaskManagers' logs tell", CLOSE_WITHIN, listenToLogs(cluster, emit));
  undo.push('the watch over processes', CLOSE_WITHIN, recordExits(cluster, askedToEnd, recorder));
  if (clusters.watchMachine) {
    const end = clusters.watchMachine((disturbance) => emit({ type: 'machine.disturbed', ...disturbance }));
    undo.push('the watch over this machine', CLOSE_WITHIN, end);
  }
  const access = openAccess(cluster);
  undo.push('the connections', CLOSE_WITHIN, () => access.close());
  const settings = await recordCluster(acquired, access, emit, signal);
  const { tellLedger } = clusters;
  const own = openLedger(clusters.ledger(runDir), () => clock.wall());
  const ledger = tellLedger ? sharedLedger(own, () => tellLedger()) : own;

  let inKafka: JobInKafka | undefined;
  const servers = askServers(cluster, () => inKafka);
  let jobId: string | undefined;
  let clear = async () => {};
  const onJob = (id: string, own?: { input: string; output: string }) => {
    jobId = id;
    // What the run did not start is not the run's to end.
    if (own) clear = () => clearAway(cluster, access, { jobId: id, ...own }, clock);
  };
  // Before the observers in this list, so after them when undone: a job that we cancel has not gone down.
  undo.push('clearing the workload away', CLEAR_WITHIN, async () => {
    if (!clusters.lasts) return;
    const { sound, state } = progress;
    progress.sound = false;
    let reason = clusters.replaceable && state ? beyondRepair(state) : undefined;
    if (reason === undefined) {
      await clear();
      const within = clusters.replaceable ? {} : { within: NOT_OURS_WITHIN };
      reason = await uncleanness({ spec: scenario.cluster, cluster, access, servers, clock, ...within });
    }
    emit({ type: 'cluster.checked', clean: reason === undefined, ...(reason === undefined ? {} : { reason }) });
    progress.sound = sound && reason === undefined;
  });
  const observing = observeAll({
    rest: access.rest,
    leadership: access.leadership,
    deployment: cluster.deployment,
    jobId: () => jobId,
    emit,
    clock,
  });
  undo.push('the observers', CLOSE_WITHIN, () => observing.stop());
  const { source, security } = order;
  const job = await step(recorder, 'workload', () =>
    jobUnderTest({ run, runDir, scenario, source, cluster, access, clock, signal, recorder, undo, security, onJob }),
  );
  inKafka = job.inKafka;
  const detection = detectionOf(settings);
  const { leadership, store } = access;
  const placement = access.placement(job.jobId);
  const checkpoints = access.checkpoints(job.jobId);
  const asked = { leadership, store, placement, checkpoints, servers };
  const known = {
    cluster,
    ...asked,
    job: job.control,
    load: job.load,
    clock,
    detection,
    unnoticed: unnoticedOf(settings),
  };
  const pick = seededPick(scenario.seed ?? 0);
  const state: RunState = {
    run,
    scenario,
    cluster,
    clock,
    signal,
    recorder,
    ledger,
    detection,
    alert: () => observing.alert(),
    faultContext: (limit) => ({ ...known, pick, signal: limit }),
    period: job.period,
  };
  progress.state = state;

  await step(recorder, 'steady-state', () => job.steady(state));
  stops.begin();
  const last = await runFaults(state);
  await step(recorder, 'settle', () => settle(state, last));
  // When the load ends, output does as well.
  stops.end();
  await step(recorder, 'quiesce', () => job.drain(state));
  await observing.stop();
  await step(recorder, 'read', () => job.read(state));
}
