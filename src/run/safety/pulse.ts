import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { FlinchError, messageOf } from '../../core/error.js';
import { identifyProcess } from '../../target/local/index.js';

/** Far less than the dead-man timer bears: some late beats must not be a death. Milliseconds. */
const EVERY = 1_000;

/**
 * Says again and again that this process lives, to the dead-man timer beside the cluster. The first beat is there when
 * this returns. @returns ends it @throws FlinchError STATE_UNUSABLE
 */
export function startPulse(file: string): () => void {
  const runner = identifyProcess(process.pid);
  let beat = 0;
  const write = () => {
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify({ runner, beat: beat++ }), { mode: 0o600 });
    renameSync(temporary, file);
  };
  try {
    write();
  } catch (cause) {
    throw new FlinchError('STATE_UNUSABLE', {
      what: `the pulse for the dead-man timer cannot be written: ${messageOf(cause)}`,
      on: file,
      todo: 'free space there; no fault is injected on a kept cluster without it',
      cause,
    });
  }
  const timer = setInterval(() => {
    try {
      write();
    } catch {
      // A pulse that stops is what the timer is there for.
    }
  }, EVERY);
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
