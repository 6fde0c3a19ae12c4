import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written last: a directory without it is not complete. Holds each jar's size, so that a damaged one is noticed. */
const MARKER = 'complete.json';

type Sizes = Record<string, number>;

const jarNames = (dir: string): string[] =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.jar'))
    .sort();

/** Declares the jars of a directory complete. */
export function markComplete(dir: string): void {
  const sizes: Sizes = Object.fromEntries(jarNames(dir).map((name) => [name, statSync(join(dir, name)).size]));
  writeFileSync(join(dir, MARKER), `${JSON.stringify(sizes, null, 1)}\n`);
}

/** Absolute paths of the jars of a complete directory. Undefined when it is absent, or a jar is missing, truncated or new. */
export function completeJars(dir: string): string[] | undefined {
  let sizes: Sizes;
  try {
    sizes = JSON.parse(readFileSync(join(dir, MARKER), 'utf8')) as Sizes;
    const names = jarNames(dir);
    if (names.length === 0 || names.length !== Object.keys(sizes).length) return undefined;
    if (!names.every((name) => statSync(join(dir, name)).size === sizes[name])) return undefined;
    return names.map((name) => join(dir, name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EIO') throw error;
    return undefined;
  }
}
