import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

type Env = Readonly<Record<string, string | undefined>>;

/** Where jars and class-data archives are kept: $FLINCH_CACHE, else $XDG_CACHE_HOME/flinch, else ~/.cache/flinch. */
export function cacheDir(env: Env = process.env): string {
  return resolve(env.FLINCH_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'flinch'));
}

/** Whether missing class-data archives are written: not where $FLINCH_CLASS_DATA is `read`, as nobody would start from them. */
export const recordsClassData = (env: Env = process.env): boolean => env.FLINCH_CLASS_DATA !== 'read';

/** Where a kept cluster leaves its state: $FLINCH_STATE, else $XDG_STATE_HOME/flinch, else ~/.local/state/flinch. */
export function stateDir(env: Env = process.env): string {
  return resolve(env.FLINCH_STATE || join(env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'flinch'));
}

/** A pom that ships with the package; the path is the same from `src` and from `dist`. */
export const pomPath = (name: string): string =>
  fileURLToPath(new URL(`../../../poms/${name}.pom.xml`, import.meta.url));
