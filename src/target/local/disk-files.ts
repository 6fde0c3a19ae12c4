import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { FlinchError } from '../../core/error.js';
import type { DiskControl, StoredFile } from '../ports.js';

const ASIDE_ID = /^[a-z0-9]{1,40}$/;

/**
 * Takes files of a disk away and puts them back: a rename on the same disk, so that nothing of them is ever half there.
 * @param folderOf the folder at which a disk is mounted
 * @throws FlinchError CAPABILITY_MISSING, INTERNAL
 */
export function diskFiles(
  folderOf: (disk: string) => string,
): Pick<DiskControl, 'find' | 'setAside' | 'putBack' | 'size'> {
  const placeOf = (disk: string, path: string): string => {
    const folder = folderOf(disk);
    const place = join(folder, path);
    if (place.startsWith(folder + sep)) return place;
    throw new FlinchError('INTERNAL', { what: 'this is no place on the disk', on: path });
  };
  const asideOf = (disk: string, path: string, id: string): string => {
    if (!ASIDE_ID.test(id))
      throw new FlinchError('INTERNAL', { what: 'this is no name for what is set aside', on: id });
    return join(folderOf(disk), `flinch-aside-${id}`, path.replaceAll(sep, '+'));
  };
  return {
    async find(disk, names) {
      const folder = folderOf(disk);
      const found: (StoredFile & { at: number })[] = [];
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const file = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !names.some((name) => basename(file).startsWith(name))) continue;
        const { size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {};
        if (size !== undefined) found.push({ path: relative(folder, file), bytes: size, at: mtimeMs ?? 0 });
      }
      return found.sort((a, b) => b.at - a.at).map(({ path, bytes }) => ({ path, bytes }));
    },
    async setAside(disk, path, id, empty) {
      const [place, aside] = [placeOf(disk, path), asideOf(disk, path, id)];
      if (existsSync(aside)) return;
      mkdirSync(dirname(aside), { recursive: true });
      renameSync(place, aside);
      if (empty) writeFileSync(place, '', { mode: 0o644 });
    },
    async putBack(disk, path, id) {
      const [place, aside] = [placeOf(disk, path), asideOf(disk, path, id)];
      if (!existsSync(aside)) return undefined;
      const hasPlace = existsSync(dirname(place));
      if (hasPlace) renameSync(aside, place);
      else rmSync(aside);
      const box = dirname(aside);
      if (readdirSync(box).length === 0) rmSync(box, { recursive: true });
      return hasPlace ? 'back' : 'dropped';
    },
    size: async (disk, path) => statSync(placeOf(disk, path), { throwIfNoEntry: false })?.size,
  };
}
