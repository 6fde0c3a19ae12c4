import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FlinchError, messageOf } from '../core/error.js';
import type { Mistake } from './mistake.js';

/** Larger files are not scenarios. Bytes. */
const LARGEST = 1024 ** 2;

const unreadable = (file: string, sentence: string): Mistake => ({ code: 'SCENARIO_UNREADABLE', file, sentence });

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path',
  EACCES: 'may not be read; change its permissions',
  ELOOP: 'is a symbolic link to itself; check the path',
};

const reason = (error: unknown): string =>
  REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? `cannot be read (${messageOf(error)}); check the path`;

/** The files that paths mean, each once: a directory means every *.yaml and *.yml directly in it. */
export function scenarioFiles(paths: readonly string[]): { files: string[]; mistakes: Mistake[] } {
  if (paths.length === 0)
    throw new FlinchError('USAGE', { what: 'no scenario is given', todo: 'name a file or a directory' });
  const files = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const path of paths) {
    try {
      const found = statSync(path).isDirectory() ? listed(path) : [path];
      if (found.length === 0) mistakes.push(unreadable(path, 'has no *.yaml or *.yml file; name another directory'));
      for (const file of found) if (!files.has(resolve(file))) files.set(resolve(file), file);
    } catch (error) {
      mistakes.push(unreadable(path, reason(error)));
    }
  }
  return { files: [...files.values()], mistakes };
}

function listed(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.ya?ml$/.test(entry.name))
    .map((entry) => join(directory, entry.name))
    .sort();
}

/** The text of a file, or what is wrong with it. Never opens a pipe or a device: reading one may never end. */
export function readScenario(file: string): string | Mistake {
  let bytes: Buffer;
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return unreadable(file, 'is not a regular file; name a YAML file or a directory of them');
    if (stat.size > LARGEST)
      return unreadable(file, `is larger than 1 MiB (${stat.size} bytes); a scenario is a page of YAML`);
    bytes = readFileSync(file);
  } catch (error) {
    return unreadable(file, reason(error));
  }
  const good = textBefore(bytes);
  if (good === undefined) return new TextDecoder().decode(bytes);
  const before = good.split('\n');
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, path: 'document' };
  return { ...unreadable(file, 'is not UTF-8 text; save it as UTF-8'), ...place };
}

/** The text before the first byte that is no UTF-8 or is NUL; undefined when there is none. */
function textBefore(bytes: Buffer): string | undefined {
  const nul = bytes.indexOf(0);
  if (nul === -1 && decoded(bytes, false) !== undefined) return undefined;
  // Streamed, a prefix cut inside a character is fine, so the good prefixes are all shorter than the bad ones.
  let [good, tooMuch] = [0, (nul === -1 ? bytes.length : nul) + 1];
  while (tooMuch - good > 1) {
    const middle = (good + tooMuch) >> 1;
    if (decoded(bytes.subarray(0, middle), true) === undefined) tooMuch = middle;
    else good = middle;
  }
  return decoded(bytes.subarray(0, good), true) ?? '';
}

function decoded(bytes: Buffer, stream: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
  } catch {
    return undefined;
  }
}
