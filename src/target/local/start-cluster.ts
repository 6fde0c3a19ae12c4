import { mkdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import type { ClusterSpec } from '../../core/scenario.js';
import type { NodeExit } from '../ports.js';
import { freePorts } from './free-ports.js';
import { ownsNamespace } from './inside.js';
import { kafkaId } from './launch.js';
import { layOut, portsNeeded } from './layout.js';
import { tellingLines } from './log-tail.js';
import { buildWorld, removeWorld } from './network.js';
import type { Prepared } from './prepared.js';
import { serves, taskManagersRegistered } from './readiness.js';
import { startReaper } from './reaper.js';
import { Supervisor } from './supervisor.js';
import { PRIVATE_ROOT, worldPaths } from './world-paths.js';

/** Milliseconds from the first process to all nodes serving. */
export const START_TIME = 120_000;

export interface StartOptions {
  /** One log per node is written to `<runDir>/logs`, and appended to when the node starts again. */
  runDir: string;
  clock: Clock;
  signal: AbortSignal;
  /** Called with each node that has begun to serve. */
  onReady?: (node: string) => void;
}

/**
 * Starts a cluster and waits until every node serves and every TaskManager is registered. With isolation, this process
 * must be inside the namespaces already. On failure everything that was started is ended first.
 * @throws FlinchError CAPABILITY_MISSING, NODE_EXITED, CLUSTER_START; the signal's reason when it is aborted.
 */
export async function startCluster(
  spec: ClusterSpec,
  prepared: Prepared,
  options: StartOptions,
): Promise<RunningCluster> {
  const cluster = await RunningCluster.create(spec, prepared, options);
  try {
    await cluster.bringUp(options);
    return cluster;
  } catch (error) {
    await cluster.stop({ record: false });
    throw error;
  }
}

/** A supervisor together with the world it runs in. */
export class RunningCluster extends Supervisor {
  #discard: (() => Promise<void>) | undefined;

  static async create(spec: ClusterSpec, prepared: Prepared, { runDir, clock, signal }: StartOptions) {
    const shared = prepared.isolation === 'none';
    if (!shared && !ownsNamespace()) {
      throw new FlinchError('INTERNAL', { what: 'a cluster with isolation was started outside of its namespaces' });
    }
    if (shared && spec.names) {
      const todo = 'leave cluster.names out, or see flinch run --dry-run for what would allow more';
      throw new FlinchError('CAPABILITY_MISSING', { what: "the nodes share this machine's names", todo });
    }
    const nodes = layOut(spec, prepared.isolation, shared ? await freePorts(portsNeeded(spec)) : []);
    const logDir = join(runDir, 'logs');
    mkdirSync(logDir, { recursive: true });
    const paths = worldPaths(shared ? await mkdtemp(join(tmpdir(), 'flinch-')) : PRIVATE_ROOT);
    const reaper = shared ? startReaper(paths.root) : undefined;
    const discard = async () =>
      shared ? rmSync(paths.root, { recursive: true, force: true }) : removeWorld(nodes, paths);
    try {
      if (!shared) await buildWorld(spec, nodes, paths, signal);
      for (const dir of [paths.plugins, join(paths.shared, 'ha'), join(paths.shared, 'checkpoints')]) {
        mkdirSync(dir, { recursive: true });
      }
    } catch (error) {
      reaper?.dismiss();
      await discard();
      throw error;
    }
    const context = { spec, prepared, nodes, paths, clusterId: kafkaId() };
    const cluster = new RunningCluster(context, { logDir, clock, reaper });
    cluster.#discard = discard;
    return cluster;
  }

  async bringUp({ clock, signal, onReady }: StartOptions): Promise<void> {
    const failure = new AbortController();
    const limit = AbortSignal.any([signal, failure.signal]);
    const stopListening = this.onExit((exit) => failure.abort(this.#exited(exit)));
    const waiting = new Set(this.nodes.map(({ name }) => name));
    const within = { every: 50, clock, signal: limit, within: START_TIME };
    const ready = (name: string) => {
      waiting.delete(name);
      onReady?.(name);
    };
    try {
      await Promise.all(this.nodes.map(({ name }) => this.start(name)));
      await Promise.all([
        ...this.nodes
          .filter(({ role }) => role !== 'taskmanager')
          .map((node) => pollUntil(node.name, (s) => serves(node, s), within).then(() => ready(node.name))),
        pollUntil('taskmanagers', (s) => taskManagersRegistered(this.spec, this.nodes, s), within).then(() => {
          for (const { name, role } of this.nodes) if (role === 'taskmanager') ready(name);
        }),
      ]);
    } catch (error) {
      if (limit.aborted) throw limit.reason;
      throw this.#notReady([...waiting], error);
    } finally {
      failure.abort();
      stopListening();
    }
  }

  override async stop(options: { record?: boolean } = {}): Promise<void> {
    await super.stop(options);
    const discard = this.#discard;
    this.#discard = undefined;
    await discard?.();
  }

  #exited({ node, code, signal }: NodeExit): FlinchError {
    return new FlinchError('NODE_EXITED', {
      what: `${node} exited (${signal ?? `code ${code}`}) while the cluster was starting`,
      on: tellingLines(this.logFile(node)).join('\n') || 'its log is empty',
      todo: `see ${this.logFile(node)}`,
    });
  }

  #notReady(waiting: string[], cause: unknown): FlinchError {
    const [first = ''] = waiting;
    return new FlinchError('CLUSTER_START', {
      what: `the cluster was not up within ${START_TIME / 1000} s; not ready: ${waiting.join(', ')}`,
      on: `${messageOf(cause)}\n${tellingLines(this.logFile(first)).join('\n')}`,
      todo: `see ${this.logFile(first)}`,
      cause,
    });
  }
}
