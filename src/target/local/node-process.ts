import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { FlinchError } from '../../core/error.js';
import type { ClusterNode, ProcessIdentity } from '../ports.js';
import type { Launch } from './launch.js';
import { inNode } from './network.js';
import { identifyProcess } from './process-identity.js';
import type { Reaper } from './reaper.js';

export interface SpawnOptions {
  java: string;
  log: string;
  data: string;
  /** Extra JVM flags: class-data archives. */
  flags: readonly string[];
  namespaced: boolean;
  reaper?: Reaper | undefined;
}

export interface NodeProcess {
  child: ChildProcess;
  identity: ProcessIdentity;
  /** Where its lines begin in the log. Bytes. */
  logFrom: number;
}

/** Waits for a line before it becomes the node, so that no node exists that the reaper does not know of. */
const HELD = ['/bin/sh', '-c', 'read -r go <&3 || exit 1; exec 3<&-; exec "$@"', 'sh'];

/**
 * Writes a node's files and starts its process. The chain of programs only ever execs: the PID is ours and stays.
 * @throws FlinchError CLUSTER_START when the process cannot be started.
 */
export function spawnNode(node: ClusterNode, launch: Launch, options: SpawnOptions): NodeProcess {
  // A killed TaskManager leaves its unpacked libraries and its state behind; twice that fills a small disk.
  if (node.role === 'taskmanager') emptyDirectory(options.data);
  mkdirSync(options.data, { recursive: true });
  for (const { path, content, keep } of launch.files) {
    if (keep && existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  const jvm = [options.java, ...options.flags, ...launch.jvm, '-cp', launch.jars.join(delimiter), ...launch.main];
  const [command = '', ...args] = [
    ...(options.reaper ? HELD : []),
    ...(options.namespaced ? inNode(node.name) : []),
    ...jvm,
  ];
  // The stamps of its log are read as this process's local time.
  const zone = process.env.TZ === undefined ? {} : { TZ: process.env.TZ };
  const log = openSync(options.log, 'a');
  const logFrom = fstatSync(log).size;
  try {
    const child = spawn(command, args, {
      cwd: options.data,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: options.data, ...zone, ...launch.env },
      stdio: ['ignore', log, log, ...(options.reaper ? (['pipe'] as const) : [])],
    });
    child.on('error', () => {});
    const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
    if (!identity)
      throw new FlinchError('CLUSTER_START', { what: 'a node could not be started', on: `${node.name}: ${command}` });
    if (options.reaper) {
      options.reaper.watch(identity);
      const gate = child.stdio[3] as NodeJS.WritableStream | null | undefined;
      gate?.on('error', () => {});
      gate?.end('go\n');
    }
    return { child, identity, logFrom };
  } finally {
    closeSync(log);
  }
}

/** Empties a directory without removing it: it may be a mount. */
function emptyDirectory(path: string): void {
  if (!existsSync(path)) return;
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true });
}
