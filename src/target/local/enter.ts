import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FlinchError } from '../../core/error.js';
import type { Isolation } from '../ports.js';
import { type ReexecOptions, reexecInside } from './reexec.js';

/** Names the file that carries what was prepared across a re-execution: too much for an environment variable. */
const HANDED = 'FLINCH_PREPARED';

/** Writes plain data where the inner process finds it. */
export function handOver(handed: unknown): { env: Record<string, string>; discard: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'flinch-prepared-'));
  const file = join(dir, 'prepared.json');
  writeFileSync(file, JSON.stringify(handed), { mode: 0o600 });
  return { env: { [HANDED]: file }, discard: () => rmSync(dir, { recursive: true, force: true }) };
}

/** What the outer process handed over, usually `Prepared`. Undefined when nothing was. Can be taken once. */
export function takeHandedOver<T>(): T | undefined {
  const file = process.env[HANDED];
  if (file === undefined) return undefined;
  delete process.env[HANDED];
  try {
    const handed = JSON.parse(readFileSync(file, 'utf8')) as T;
    rmSync(dirname(file), { recursive: true, force: true });
    return handed;
  } catch (cause) {
    throw new FlinchError('INTERNAL', { what: 'what was prepared outside cannot be read inside', on: file, cause });
  }
}

/**
 * Runs this very command again inside namespaces, where `takeHandedOver` gives `handed`, and waits for it.
 * @returns its exit code. Undefined when there is no isolation: then this process itself goes on.
 */
export async function enter(
  isolation: Isolation,
  handed: unknown,
  options: ReexecOptions = {},
): Promise<number | undefined> {
  if (isolation === 'none') return undefined;
  const { env, discard } = handOver(handed);
  try {
    return await reexecInside(isolation, { ...options, env: { ...options.env, ...env } });
  } finally {
    discard();
  }
}
