import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
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
      const found: StoredFile[] = [];
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !names.some((name) => entry.name.startsWith(name))) continue;
        const file = join(entry.parentPath, entry.name);
        const bytes = statSync(file, { throwIfNoEntry: false })?.size;
        if (bytes !== undefined) found.push({ path: relative(folder, file), bytes });
      }
      return found;
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
      const [there, hasPlace] = [existsSync(aside), existsSync(dirname(place))];
      if (there && hasPlace) renameSync(aside, place);
      else rmSync(aside, { force: true });
      const box = dirname(aside);
      // It was made before the file was moved there, which may not have come about.
      if (existsSync(box) && readdirSync(box).length === 0) rmdirSync(box);
      if (!there) return undefined;
      return hasPlace ? 'back' : 'dropped';
    },
    size: async (disk, path) => statSync(placeOf(disk, path), { throwIfNoEntry: false })?.size,
  };
}
