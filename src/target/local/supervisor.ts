import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.js';
import { FlinchError } from '../../core/error.js';
import type { ClusterSpec } from '../../core/scenario.js';
import type {
  Cluster,
  ClusterEndpoints,
  ClusterNode,
  DiskControl,
  Isolation,
  MemoryControl,
  NameControl,
  NetworkControl,
  NodeExit,
  ProcessControl,
  ProcessIdentity,
  Role,
} from '../ports.js';
import {
  classDataOf,
  discardClassData,
  publishClassData,
  type Recording,
  recordClassData,
  recordingPath,
  useClassData,
} from './cds.js';
import { localDisks } from './disks.js';
import { aheadOf, libfaketime, NO_FAKETIME, skewedEnv } from './fake-clock.js';
import { type Launch, type LaunchContext, launchOf } from './launch.js';
import { endpointsOf } from './layout.js';
import { limitsMemory, localMemory } from './memory-limit.js';
import { localNames } from './names.js';
import { hasOwnDisk } from './network.js';
import { type NodeProcess, spawnNode } from './node-process.js';
import { packetFilter } from './packet-filter.js';
import { isAlive, isStopped, residentPages, signalProcess } from './process-identity.js';
import type { Reaper } from './reaper.js';

/** A JVM that will leave a class-data archive when it is asked to end. */
interface NodeRecording extends Recording {
  node: string;
}

/** Who writes its archive after whom: a JobManager that has lost ZooKeeper first waits for it. */
const RECORDING_ORDER: readonly (readonly Role[])[] = [
  ['jobmanager'],
  ['taskmanager', 'gateway'],
  ['broker', 'zookeeper'],
];
/** Milliseconds that the nodes of one turn get to write their class-data archives, once per set of jars. */
const RECORDING_TIME = 15_000;
/**
 * Exit codes of a JVM that has written its archive: ended by SIGTERM, or halted by Flink's shutdown safeguard (-17), for
 * the JVM ends writing before it halts.
 */
const WRITTEN_IN_FULL: ReadonlySet<number | null> = new Set([143, 239]);
const KILL_TIME = 10_000;

/** Owns the processes of a local cluster. They are its direct children. */
export class Supervisor implements Cluster, ProcessControl {
  readonly target = 'local';
  readonly flinkVersion: string;
  readonly isolation: Isolation;
  readonly nodes: readonly ClusterNode[];
  readonly endpoints: ClusterEndpoints;
  readonly processes: ProcessControl = this;
  readonly memory: MemoryControl | undefined = limitsMemory() ? localMemory : undefined;
  readonly network: NetworkControl | undefined;
  readonly disks: DiskControl | undefined;
  readonly names: NameControl | undefined;
  readonly spec: ClusterSpec;
  readonly #context: LaunchContext;
  readonly #logDir: string;
  readonly #clock: Clock;
  readonly #reaper: Reaper | undefined;
  readonly #running = new Map<string, NodeProcess>();
  readonly #recordings: NodeRecording[] = [];
  readonly #exits = new EventEmitter().setMaxListeners(0);
  #stopped = false;

  constructor(context: LaunchContext, options: { logDir: string; clock: Clock; reaper?: Reaper | undefined }) {
    this.#context = context;
    this.spec = context.spec;
    this.nodes = context.nodes;
    this.endpoints = endpointsOf(context.nodes);
    this.flinkVersion = context.prepared.flinkVersion;
    this.isolation = context.prepared.isolation;
    // On the host's own network nothing is ever cut.
    this.network = this.isolation === 'none' ? undefined : packetFilter(context.nodes);
    const { paths } = context;
    const ownDisks = new Set(context.nodes.filter(hasOwnDisk).map(({ name }) => name));
    const folderOf = (disk: string) =>
      disk === 'storage' ? paths.shared : ownDisks.has(disk) ? paths.data(disk) : undefined;
    // Without namespaces the disks are the machine's.
    this.disks = this.isolation === 'none' ? undefined : localDisks(folderOf);
    this.names = context.spec.names === true ? localNames(paths.root, context.nodes) : undefined;
    this.#logDir = options.logDir;
    this.#clock = options.clock;
    this.#reaper = options.reaper;
  }

  logFile(node: string): string {
    return join(this.#logDir, `${this.#node(node).name}.log`);
  }

  onExit(listener: (exit: NodeExit) => void): () => void {
    this.#exits.on('exit', listener);
    return () => void this.#exits.off('exit', listener);
  }

  async identify(node: string): Promise<ProcessIdentity | undefined> {
    const running = this.#running.get(this.#node(node).name);
    return running && isAlive(running.identity) ? running.identity : undefined;
  }

  async alive(identity: ProcessIdentity): Promise<boolean> {
    return isAlive(identity);
  }

  async stopped(identity: ProcessIdentity): Promise<boolean> {
    return isStopped(identity);
  }

  async signal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
    signalProcess(identity, signal);
  }

  async clockOf(node: string): Promise<number | undefined> {
    return aheadOf(this.logFile(node), this.#running.get(node)?.logFrom ?? 0);
  }

  async start(name: string, { ahead = 0 }: { ahead?: number } = {}): Promise<ProcessIdentity> {
    const node = this.#node(name);
    const running = await this.identify(name);
    if (running) return running;
    const launch = launchOf(node, this.#context);
    const flags = await this.#classData(node, launch.jars);
    if (this.#stopped) throw new FlinchError('CLUSTER_START', { what: 'the cluster is being stopped', on: name });
    const meanwhile = await this.identify(name);
    if (meanwhile) return meanwhile;
    const started = spawnNode(node, ahead === 0 ? launch : skewed(launch, ahead), {
      java: this.#context.prepared.java.path,
      log: this.logFile(name),
      data: this.#context.paths.data(name),
      flags,
      namespaced: this.isolation !== 'none',
      reaper: this.#reaper,
    });
    this.#running.set(name, started);
    started.child.once('exit', (code, signal) => {
      if (this.#running.get(name) === started) this.#running.delete(name);
      this.#exits.emit('exit', { node: name, pid: started.identity.pid, code, signal } satisfies NodeExit);
    });
    return started.identity;
  }

  /**
   * Ends every process. @param record first lets nodes write the class-data archives that are missing, which takes some
   * seconds, once per set of jars.
   */
  async stop({ record = true }: { record?: boolean } = {}): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    if (record) await this.#finishRecordings();
    for (const { identity } of this.#running.values()) signalProcess(identity, 'SIGKILL');
    await this.#ended([...this.#running.values()], KILL_TIME);
    await discardClassData(this.#recordings);
    this.#reaper?.dismiss();
  }

  #node(name: string): ClusterNode {
    const node = this.nodes.find((it) => it.name === name);
    if (!node) throw new FlinchError('INTERNAL', { what: 'no such node', on: name });
    return node;
  }

  async #classData(node: ClusterNode, jars: readonly string[]): Promise<string[]> {
    const { path, exists } = classDataOf(node.role, jars, this.#context.prepared);
    if (exists) return useClassData(path);
    if (!this.#context.prepared.recordClassData) return [];
    try {
      const from = await recordingPath(path);
      this.#recordings.push({ node: node.name, from, to: path });
      return recordClassData(from);
    } catch {
      return [];
    }
  }

  async #finishRecordings(): Promise<void> {
    const recorders = this.#recordings.flatMap((recording) => {
      const running = this.#running.get(recording.node);
      return running ? [{ recording, running }] : [];
    });
    // One for each archive: the node that has loaded most. Writing takes seconds of CPU.
    const fullest = new Map<string, (typeof recorders)[number]>();
    const size = ({ running }: (typeof recorders)[number]) => residentPages(running.identity.pid);
    for (const it of recorders.toSorted((a, b) => size(a) - size(b))) fullest.set(it.recording.to, it);
    for (const roles of RECORDING_ORDER) {
      const turn = [...fullest.values()].filter(({ recording }) => roles.includes(this.#node(recording.node).role));
      for (const { running } of turn) signalProcess(running.identity, 'SIGTERM');
      await this.#ended(
        turn.map((it) => it.running),
        RECORDING_TIME,
      );
      const written = turn.flatMap(({ recording, running }) =>
        WRITTEN_IN_FULL.has(running.child.exitCode) ? [recording] : [],
      );
      await publishClassData(written);
    }
  }

  async #ended(processes: readonly NodeProcess[], within: number): Promise<void> {
    const until = this.#clock.mono() + within;
    while (processes.some((it) => !hasEnded(it)) && this.#clock.mono() < until) await this.#clock.sleep(20);
  }
}

/** @throws FlinchError CAPABILITY_MISSING without libfaketime */
function skewed(launch: Launch, ahead: number): Launch {
  const library = libfaketime();
  if (library === undefined) throw new FlinchError('CAPABILITY_MISSING', { what: NO_FAKETIME });
  return { ...launch, env: { ...launch.env, ...skewedEnv(library, ahead) } };
}

/** Reaped, so that its exit code is known: a process is gone from the process table a little before. */
const hasEnded = ({ child }: NodeProcess): boolean => child.exitCode !== null || child.signalCode !== null;
