import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import type { Memory, MemoryControl } from '../ports.js';
import { isAlive } from './process-identity.js';
import { onPath, TOOL_PATH } from './tool-path.js';

/** Milliseconds for prlimit, which takes a few. */
const WITHIN = 5_000;
const KIB = 1024;

export const NO_PRLIMIT =
  'prlimit, which limits the memory of a process, was not found; to allow it: apt install util-linux | dnf install util-linux-core';

/**
 * The kernel's limit of private, writable memory (RLIMIT_DATA, since Linux 4.7 with mappings). Only the soft one is moved:
 * whoever may lower that may raise it again.
 */
export const localMemory: MemoryControl = {
  async of(identity) {
    try {
      // Its own look comes last: what was read before is of exactly this process if it still is there.
      const [status, limits] = ['status', 'limits'].map((file) =>
        readFileSync(`/proc/${identity.pid}/${file}`, 'utf8'),
      );
      return isAlive(identity) ? parseMemory(status ?? '', limits ?? '') : undefined;
    } catch (error) {
      // What cannot be read of one that lives is not known: to call it ended would prove an effect that nobody saw.
      if (isAlive(identity)) throw error;
      return undefined;
    }
  },
  async limit(identity, bytes) {
    if (!isAlive(identity)) return;
    const args = ['--pid', String(identity.pid), `--data=${bytes ?? 'unlimited'}:`];
    try {
      await execa('prlimit', args, { timeout: WITHIN, env: { PATH: TOOL_PATH, LC_ALL: 'C' } });
    } catch (error) {
      if (isAlive(identity)) throw error;
    }
  },
};

/** From the texts of /proc/PID/status and /proc/PID/limits. Undefined where they do not tell, as of a zombie. */
export function parseMemory(status: string, limits: string): Memory | undefined {
  const [, used] = /^VmData:\s+(\d+) kB$/m.exec(status) ?? [];
  const [, limit] = /^Max data size\s+(\S+)/m.exec(limits) ?? [];
  if (used === undefined || limit === undefined) return undefined;
  return { used: Number(used) * KIB, ...(limit === 'unlimited' ? {} : { limit: Number(limit) }) };
}

/** Whether memory can be limited on this machine. */
export const limitsMemory = (): boolean => process.platform === 'linux' && onPath('prlimit');
