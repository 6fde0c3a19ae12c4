import { FlinchError } from '../../core/error.js';
import { isConflict, isNotFound } from './connection.js';

/** How often somebody else may be faster. */
const TRIES = 20;

/** What is read; undefined where it is not there. @throws what else went wrong */
export async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Whether a write came about; not, where it was based on another state, or there is nothing to write to. @throws what else went wrong */
export async function cameAbout(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isConflict(error) || isNotFound(error)) return false;
    throw error;
  }
}

/**
 * Changes an object, whoever else writes to it meanwhile: what is to be changed is asked anew for each state of it. The server
 * refuses what is based on another version than the one that was read.
 * @param change undefined changes nothing
 * @returns whether there is one @throws FlinchError KUBERNETES where somebody else was faster again and again; what else went wrong
 */
export async function edit<T>(
  name: string,
  read: () => Promise<T | undefined>,
  change: (now: T) => T | undefined,
  write: (changed: T) => Promise<unknown>,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const now = await read();
    if (now === undefined) return false;
    const changed = change(now);
    if (changed === undefined || (await cameAbout(() => write(changed)))) return true;
  }
  throw new FlinchError('KUBERNETES', { what: `somebody else wrote it ${TRIES} times in a row`, on: name });
}
