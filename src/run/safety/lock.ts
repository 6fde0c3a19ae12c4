import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FlinchError } from '../../core/error.js';
import { identifyProcess, isAlive, stateUnusable } from '../../target/local/index.js';
import type { ProcessIdentity } from '../../target/ports.js';

/**
 * One run per target: takes the lock file, or takes it over from an owner that is dead.
 * @returns gives it back
 * @throws FlinchError CLUSTER_BUSY; STATE_UNUSABLE when the lock file cannot be written
 */
export function takeLock(file: string): () => void {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, JSON.stringify(identifyProcess(process.pid)), { mode: 0o600 });
    if (!linked(own, file)) {
      setAside(file);
      if (!linked(own, file)) throw busy(ownerOf(file), file);
    }
    return () => rmSync(file, { force: true });
  } catch (error) {
    throw error instanceof FlinchError ? error : stateUnusable(file, error);
  } finally {
    rmSync(own, { force: true });
  }
}

/** A link appears with its whole content or not at all. */
function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Takes a dead owner's lock out of the way; whoever renames it first is the one who does. */
function setAside(file: string): void {
  const owner = ownerOf(file);
  if (owner && isAlive(owner)) throw busy(owner, file);
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  // Between the look and the rename another run may have taken it: then it gets it back.
  const taken = ownerOf(aside);
  if (taken && isAlive(taken)) linked(aside, file);
  rmSync(aside, { force: true });
}

const busy = (owner: ProcessIdentity | undefined, file: string): FlinchError =>
  new FlinchError('CLUSTER_BUSY', {
    what: 'another run uses this cluster',
    on: owner ? `process ${owner.pid}` : file,
    todo: 'wait for its end, or use a cluster of your own with --fresh',
  });

function ownerOf(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
