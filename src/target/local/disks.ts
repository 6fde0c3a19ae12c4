import { FlinchError } from '../../core/error.js';
import type { DiskControl } from '../ports.js';
import { diskFiles } from './disk-files.js';
import { diskFiller } from './disk-filler.js';
import { diskLock } from './disk-lock.js';

/**
 * The disks of a local cluster.
 * @param mountedAt the folder at which a disk is mounted; undefined for what has no disk of its own
 */
export function localDisks(mountedAt: (disk: string) => string | undefined): DiskControl {
  const folderOf = (disk: string): string => {
    const folder = mountedAt(disk);
    if (folder !== undefined) return folder;
    throw new FlinchError('CAPABILITY_MISSING', { what: 'this has no disk of its own', on: disk });
  };
  return { ...diskFiller(folderOf), ...diskLock(folderOf), ...diskFiles(folderOf) };
}
