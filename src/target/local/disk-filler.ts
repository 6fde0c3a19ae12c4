import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FlinchError } from '../../core/error.js';
import type { DiskControl, Filling } from '../ports.js';

const CHUNK = Buffer.alloc(1024 * 1024);
/** The smallest piece that a disk gives. Bytes. */
const PAGE = 4096;
const FILLING_ID = /^[a-z0-9]{1,40}$/;

/**
 * Fills disks with files of its own, so that taking one away is exact.
 * @param folderOf the folder at which a disk is mounted
 * @throws FlinchError CAPABILITY_MISSING, INTERNAL, FAULT_INJECT when it cannot be written for another reason than room
 */
export function diskFiller(folderOf: (disk: string) => string): Pick<DiskControl, 'fill' | 'filling' | 'empty'> {
  const fileOf = (disk: string, id: string): { folder: string; file: string } => {
    const folder = folderOf(disk);
    if (!FILLING_ID.test(id)) throw new FlinchError('INTERNAL', { what: 'this is no name for a filling', on: id });
    return { folder, file: join(folder, `flinch-filling-${id}`) };
  };
  const lookAt = (folder: string, file: string): Filling | undefined => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) return undefined;
    const { bavail, bsize } = statfsSync(folder);
    return { bytes: found.size, free: bavail * bsize };
  };
  return {
    async fill(disk, id) {
      const { folder, file } = fileOf(disk, id);
      await append(file);
      return lookAt(folder, file) ?? { bytes: 0, free: 0 };
    },
    async filling(disk, id) {
      const { folder, file } = fileOf(disk, id);
      return lookAt(folder, file);
    },
    empty: async (disk, id) => rmSync(fileOf(disk, id).file, { force: true }),
  };
}

/** Writes until there is no room, at last page by page. Between the pieces whoever measures in this process has its turn. */
async function append(file: string): Promise<void> {
  const descriptor = openSync(file, 'a', 0o600);
  try {
    for (let size = CHUNK.length; size >= PAGE; ) {
      await setImmediate();
      try {
        // A disk that is nearly full takes a part of it.
        if (writeSync(descriptor, CHUNK, 0, size) < size) size = Math.floor(size / 16);
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') {
          throw new FlinchError('FAULT_INJECT', { what: 'the disk could not be filled', on: file, cause });
        }
        size = Math.floor(size / 16);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
