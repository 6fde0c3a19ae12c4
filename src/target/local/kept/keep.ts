import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../../core/clock.js';
import { withDeadline } from '../../../core/deadline.js';
import { ERROR_CODES, type ErrorCode, FlinchError } from '../../../core/error.js';
import { ownModule } from '../../../core/own-module.js';
import type { ClusterSpec } from '../../../core/scenario.js';
import type { ProcessIdentity } from '../../ports.js';
import { handOver } from '../enter.js';
import { INSIDE } from '../inside.js';
import { UNSHARE } from '../isolation-probe.js';
import { tellingLines } from '../log-tail.js';
import type { Prepared } from '../prepared.js';
import { identifyProcess, isAlive, signalProcess } from '../process-identity.js';
import { START_TIME } from '../start-cluster.js';
import { callControl } from './control-client.js';
import { type DaemonMessage, type DaemonOrder, KEEP } from './daemon.js';
import {
  claimKept,
  findKept,
  forgetKept,
  type KeptState,
  keptLedger,
  keptPulse,
  keptRunDir,
  stateFile,
  writeKept,
} from './state.js';
import { listenOnHost } from './web-ui.js';

/** Milliseconds for a cluster to end: it may write its class-data archives first. */
const STOP_TIME = 45_000;
const DAEMON = ownModule('./daemon-main', import.meta.url);

export interface KeepOptions {
  /** Port of the web UI on 127.0.0.1. Left out: 8081, or a free one. */
  port?: number | undefined;
  clock: Clock;
  signal: AbortSignal;
  /** The command that heals what it is handed over; see `healFromHere`. */
  healer: string[];
  /** Milliseconds of a runner's silence after which the dead-man timer heals; its own usual ones unless told. */
  lapse?: number;
  onReady?: (node: string) => void;
}

/**
 * Starts a cluster in a process of its own that outlives this one, and returns when it is up.
 * @throws FlinchError CLUSTER_EXISTS, PORT_IN_USE, CLUSTER_START, NODE_EXITED
 */
export async function keepCluster(spec: ClusterSpec, prepared: Prepared, options: KeepOptions): Promise<KeptState> {
  await claimKept();
  try {
    return await keep(spec, prepared, options);
  } catch (error) {
    await forgetKept();
    throw error;
  }
}

async function keep(
  spec: ClusterSpec,
  prepared: Prepared,
  { port, clock, signal, healer, lapse, onReady }: KeepOptions,
): Promise<KeptState> {
  const runDir = keptRunDir();
  rmSync(runDir, { recursive: true, force: true });
  const order: DaemonOrder = {
    spec,
    prepared,
    runDir,
    socket: await socketPath(runDir),
    deadMan: { ledger: keptLedger(), pulse: keptPulse(), ...(lapse === undefined ? {} : { lapse }) },
    state: stateFile(),
    healer,
  };
  const listener = await listenOnHost(port);
  const log = join(runDir, 'daemon.log');
  const handed = handOver(order);
  let daemon: ChildProcess | undefined;
  try {
    daemon = spawnDaemon(prepared, log, listener.fd, handed.env);
    const identity = daemon.pid === undefined ? undefined : identifyProcess(daemon.pid);
    if (!identity) throw new FlinchError('CLUSTER_START', { what: 'the daemon could not be started', on: log });
    const started = daemon;
    daemon.once('spawn', listener.close);
    const up = await withDeadline(
      'starting the cluster',
      START_TIME + 30_000,
      () => untilUp(started, log, onReady),
      signal,
    );
    const world = prepared.isolation === 'none' ? undefined : childOf(identity.pid);
    const state: KeptState = {
      version: 1,
      daemon: identity,
      ...(world ? { world } : {}),
      socket: order.socket,
      webUi: listener.url,
      runDir,
      since: clock.wall(),
      spec,
      prepared,
      nodes: up.nodes,
      endpoints: up.endpoints,
    };
    await writeKept(state);
    const lifeline = daemon.stdio[3] as Socket;
    await new Promise<void>((resolve) => lifeline.end(`${KEEP}\n`, () => resolve()));
    daemon.unref();
    return state;
  } catch (error) {
    daemon?.kill('SIGKILL');
    throw error;
  } finally {
    listener.close();
    handed.discard();
  }
}

function spawnDaemon(prepared: Prepared, log: string, listener: number, env: Record<string, string>): ChildProcess {
  const fd = openSync(log, 'a');
  const prefix = prepared.isolation === 'none' ? [] : ['unshare', ...UNSHARE[prepared.isolation]];
  const [command = '', ...args] = [...prefix, process.execPath, ...process.execArgv, fileURLToPath(DAEMON.url)];
  try {
    const daemon = spawn(command, args, {
      stdio: ['ignore', fd, fd, 'pipe', listener],
      env: { ...process.env, ...env, [INSIDE]: '1' },
      detached: true,
    });
    daemon.on('error', () => {});
    (daemon.stdio[3] as Socket | null)?.on('error', () => {});
    return daemon;
  } finally {
    closeSync(fd);
  }
}

type Up = Extract<DaemonMessage, { kind: 'up' }>;

function untilUp(daemon: ChildProcess, log: string, onReady?: (node: string) => void): Promise<Up> {
  return new Promise((resolve, reject) => {
    createInterface({ input: daemon.stdio[3] as Socket }).on('line', (line) => {
      const message = JSON.parse(line) as DaemonMessage;
      if (message.kind === 'node') onReady?.(message.node);
      else if (message.kind === 'up') resolve(message);
      else reject(new FlinchError(codeOf(message.code), { what: message.message }));
    });
    daemon.once('exit', () => {
      // A message that explains the end may still be on its way.
      setTimeout(() => {
        reject(
          new FlinchError('CLUSTER_START', {
            what: 'the daemon ended',
            on: tellingLines(log).join('\n'),
            todo: `see ${log}`,
          }),
        );
      }, 200);
    });
  });
}

const codeOf = (code: string): ErrorCode => (Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'CLUSTER_START');

/** A Unix socket's path may have some 100 bytes; a long state directory needs another place. */
async function socketPath(dir: string): Promise<string> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'control.sock');
  return Buffer.byteLength(path) <= 100 ? path : join(await mkdtemp(join(tmpdir(), 'flinch-')), 'control.sock');
}

/** The child of `unshare`: PID 1 of the namespaces, by its PID on the host. */
function childOf(parent: number): ProcessIdentity | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) return identifyProcess(Number(pid));
    } catch {}
  }
  return undefined;
}

/** Ends the kept cluster and waits until it is gone. False when there is none. @throws FlinchError DEADLINE */
export async function endKept(clock: Clock): Promise<boolean> {
  const state = await findKept();
  if (!state) return false;
  await callControl(state.socket, 'stop').catch(() => signalProcess(state.daemon, 'SIGKILL'));
  if (!(await goneWithin(state.daemon, STOP_TIME, clock))) {
    signalProcess(state.daemon, 'SIGKILL');
    if (!(await goneWithin(state.daemon, 5000, clock))) {
      throw new FlinchError('DEADLINE', { what: 'the kept cluster did not end', on: `process ${state.daemon.pid}` });
    }
  }
  if (!state.socket.startsWith(state.runDir)) rmSync(dirname(state.socket), { recursive: true, force: true });
  await forgetKept();
  return true;
}

async function goneWithin(identity: ProcessIdentity, ms: number, clock: Clock): Promise<boolean> {
  const until = clock.mono() + ms;
  while (isAlive(identity)) {
    if (clock.mono() >= until) return false;
    await clock.sleep(50);
  }
  return true;
}
