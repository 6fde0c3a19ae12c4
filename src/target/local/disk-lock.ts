import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { FlinchError, messageOf } from '../../core/error.js';
import type { DiskControl } from '../ports.js';

/** Milliseconds for one call of mount or umount. */
const WITHIN = 10_000;

/**
 * Makes disks read-only by a read-only mount on top of each, as the disk itself cannot become so while files of it are
 * open for writing: what is open stays as it is, and whatever is opened from then on is refused.
 * @param folderOf the folder at which a disk is mounted
 * @throws FlinchError CAPABILITY_MISSING, FAULT_INJECT, HEAL_FAILED
 */
export const diskLock = (
  folderOf: (disk: string) => string,
): Pick<DiskControl, 'makeReadOnly' | 'makeWritable' | 'refusal'> => ({
  async makeReadOnly(disk) {
    const folder = folderOf(disk);
    if (isLocked(folder)) return;
    try {
      await run('mount', ['--bind', folder, folder]);
      await run('mount', ['-o', 'remount,bind,ro', folder]);
    } catch (cause) {
      throw new FlinchError('FAULT_INJECT', {
        what: `it could not be made read-only: ${said(cause)}`,
        on: disk,
        cause,
      });
    }
  },
  async makeWritable(disk) {
    const folder = folderOf(disk);
    try {
      // Lazily: whoever reads a file of it may go on.
      while (isLocked(folder)) await run('umount', ['-l', folder]);
    } catch (cause) {
      throw new FlinchError('HEAL_FAILED', { what: `it could not be made writable: ${said(cause)}`, on: disk, cause });
    }
  },
  async refusal(disk) {
    const probe = join(folderOf(disk), `flinch-probe-${randomBytes(6).toString('hex')}`);
    try {
      writeFileSync(probe, '');
      rmSync(probe);
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? messageOf(error);
    }
  },
});

const run = (command: string, args: string[]) => execa(command, args, { timeout: WITHIN, stdin: 'ignore' });
const said = (cause: unknown): string => (cause as { stderr?: string }).stderr?.trim() || messageOf(cause);

/** Whether more than the disk itself is mounted there: the disk, and ours on top of it. */
function isLocked(folder: string): boolean {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[4] === folder);
  return mounts.length > 1;
}
