import { setMaxListeners } from 'node:events';
import type { Clock } from '../core/clock.js';
import { Attention } from './attention.js';
import { observeCheckpoints } from './checkpoints.js';
import { type DeploymentSource, observeDeployment } from './deployment.js';
import { observeExceptions } from './exceptions.js';
import { observeExecution } from './execution.js';
import { observeJobs, type RestByNode } from './jobs.js';
import { type LeaderSource, observeLeader } from './leader.js';
import type { Emit } from './look.js';
import { observeTaskManagers } from './taskmanagers.js';

export { type JobDeps, observeCheckpoints } from './checkpoints.js';
export { observeExceptions } from './exceptions.js';
export { observeExecution, startedTasks } from './execution.js';
export { observeJobs, type RestByNode } from './jobs.js';
export { type LeaderDeps, type LeaderSource, observeLeader } from './leader.js';
export type { Emit, ObserverOptions } from './look.js';
export { observeMetrics } from './metrics.js';
export { type OffsetDeps, observeOffsets } from './offsets.js';
export { grantedSession, readSettings, recoverySettings, type Settings, type SettingsDeps } from './settings.js';
export { observeTaskManagers } from './taskmanagers.js';

export interface ObserveAllOptions {
  rest: RestByNode;
  /** Absent where the cluster has no high-availability store. */
  leadership?: LeaderSource;
  /** Absent where nobody operates the cluster. */
  deployment?: DeploymentSource | undefined;
  /** Undefined until the job is submitted. */
  jobId(): string | undefined;
  emit: Emit;
  clock: Clock;
  /** Also stops everything. */
  signal?: AbortSignal;
}

export interface Observing {
  /** Looks at everything now, and closely until all has been well for a while: something is about to happen. */
  alert(): void;
  /** Aborts every look in flight; after it has resolved nothing more is emitted. Rejects with what `emit` threw. */
  stop(): Promise<void>;
}

/** Starts watching the leader, jobs and their restarts, checkpoints, TaskManagers and exceptions. */
export function observeAll({ rest, leadership, deployment, jobId, emit, clock, signal }: ObserveAllOptions): Observing {
  const own = new AbortController();
  const options = { clock, signal: signal ? AbortSignal.any([own.signal, signal]) : own.signal };
  // Five loops for each JobManager listen to it at a time; Node takes more than ten listeners for a leak.
  setMaxListeners(0, options.signal);
  const attention = new Attention(clock);
  const deps = { rest, jobId, attention };
  const [only, ...others] = Object.keys(rest);
  // Nobody else can lead.
  if (!leadership && others.length === 0) attention.leads(only);
  const nodeOf = (address: string) => nodeAt(rest, address);
  const running = Promise.all([
    leadership ? observeLeader({ leadership, nodeOf, attention }, emit, options) : undefined,
    deployment ? observeDeployment(deployment, emit, options) : undefined,
    observeJobs(deps, emit, options),
    observeCheckpoints(deps, emit, options),
    observeTaskManagers(deps, emit, options),
    observeExceptions(deps, emit, options),
    observeExecution(deps, emit, options),
  ]);
  // A failing journal must not end the process before stop() reports it.
  running.catch(() => own.abort());
  return {
    alert: () => attention.alarm(),
    async stop() {
      own.abort();
      await running;
    },
  };
}

/** The node whose REST base URL this is, compared as URLs. */
export function nodeAt(rest: RestByNode, address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { host } = new URL(address);
  return Object.entries(rest).find(([, { baseUrl }]) => new URL(baseUrl).host === host)?.[0];
}
