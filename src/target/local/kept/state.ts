import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlinchError, messageOf } from '../../../core/error.js';
import type { ClusterSpec } from '../../../core/scenario.js';
import type { ClusterEndpoints, ClusterNode, ProcessIdentity } from '../../ports.js';
import { stateDir } from '../paths.js';
import type { Prepared } from '../prepared.js';
import { identifyProcess, isAlive } from '../process-identity.js';

/** What `flinch up` writes down about the cluster that it leaves running. */
export interface KeptState {
  version: 1;
  /** The process whose end ends everything. PIDs here are those of the host. */
  daemon: ProcessIdentity;
  /** PID 1 of the namespaces. Absent without isolation. */
  world?: ProcessIdentity;
  /** Unix socket of the supervisor. */
  socket: string;
  /** Flink's web UI, for a browser on this machine. */
  webUi: string;
  runDir: string;
  /** Milliseconds since the epoch. */
  since: number;
  spec: ClusterSpec;
  prepared: Prepared;
  nodes: readonly ClusterNode[];
  endpoints: ClusterEndpoints;
}

export const keptDir = (): string => join(stateDir(), 'clusters', 'default');
/** Logs of the kept cluster's nodes; they stay until the next one is started. */
export const keptRunDir = (): string => join(stateDir(), 'kept');
/** Where faults on the kept cluster are recorded: it outlives the runs that inject them. */
export const keptLedger = (): string => join(keptDir(), 'ledger');
/** Held by the run that uses the kept cluster. */
export const keptLock = (): string => join(keptDir(), 'run.lock');
/** Where the run that uses the kept cluster says that it lives. */
export const keptPulse = (): string => join(keptDir(), 'pulse.json');
export const stateFile = (): string => join(keptDir(), 'state.json');
const claimFile = (): string => join(keptDir(), 'starting.json');

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** The kept cluster. Undefined when there is none; what a dead one left behind is cleared away. */
export async function findKept(): Promise<KeptState | undefined> {
  const state = await readJson<KeptState>(stateFile());
  if (!state) return undefined;
  if (isAlive(state.daemon)) return state;
  await forgetKept();
  return undefined;
}

/** @throws FlinchError CLUSTER_EXISTS when a cluster is up or being started; STATE_UNUSABLE. */
export async function claimKept(): Promise<void> {
  try {
    await claim();
  } catch (error) {
    throw error instanceof FlinchError ? error : stateUnusable(keptDir(), error);
  }
}

/** @param on the file or folder of the kept cluster that could not be used */
export const stateUnusable = (on: string, cause: unknown): FlinchError =>
  new FlinchError('STATE_UNUSABLE', {
    what: `the folder of kept clusters cannot be used: ${messageOf(cause)}`,
    on,
    todo: 'name a folder that you may write to in FLINCH_STATE',
    cause,
  });

async function claim(): Promise<void> {
  await mkdir(join(stateDir(), 'clusters'), { recursive: true });
  for (let attempt = 0; ; attempt++) {
    try {
      await mkdir(keptDir());
      await writeFile(claimFile(), JSON.stringify(identifyProcess(process.pid)));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
    }
    const starting = await readJson<ProcessIdentity>(claimFile());
    const kept = await findKept();
    if (kept || (starting && isAlive(starting))) throw exists(kept);
    await forgetKept();
  }
}

function exists(kept: KeptState | undefined): FlinchError {
  return new FlinchError('CLUSTER_EXISTS', {
    what: kept ? 'a kept cluster is already up' : 'a kept cluster is being started',
    on: kept ? `Flink ${kept.prepared.flinkVersion}, ${kept.webUi}` : keptDir(),
    todo: 'end it with: flinch down',
  });
}

export async function writeKept(state: KeptState): Promise<void> {
  const temporary = `${stateFile()}.tmp`;
  await writeFile(temporary, `${JSON.stringify(state, null, 1)}\n`, { mode: 0o600 });
  await rename(temporary, stateFile());
  await rm(claimFile(), { force: true });
}

export const forgetKept = (): Promise<void> => rm(keptDir(), { recursive: true, force: true });
