import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../core/error.js';
import { identifyProcess, isAlive, stateDir } from '../../target/local/index.js';
import type { ProcessIdentity } from '../../target/ports.js';

/** A `flinch run` on this machine. */
export interface RunningRun {
  /** The process that a signal goes to. */
  process: ProcessIdentity;
  scenarios: string[];
  /** Milliseconds since the epoch. */
  since: number;
}

const folder = (): string => join(stateDir(), 'runs');

/**
 * Makes this run known to `flinch stop`. A run that cannot be made known goes on all the same.
 * @returns takes it back
 */
export function announceRun(scenarios: string[], say: (line: string) => void): () => void {
  const own = identifyProcess(process.pid);
  const file = join(folder(), `${process.pid}.json`);
  try {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(file, JSON.stringify({ process: own, scenarios, since: Date.now() }), { mode: 0o600 });
  } catch (error) {
    say(`flinch stop will not find this run: ${messageOf(error)}`);
  }
  return () => rmSync(file, { force: true });
}

/** The runs that go on now, the oldest first; what dead ones left is cleared away. */
export function runningRuns(): RunningRun[] {
  let names: string[];
  try {
    names = readdirSync(folder()).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  const found = names.flatMap((name) => {
    const file = join(folder(), name);
    try {
      const run = JSON.parse(readFileSync(file, 'utf8')) as RunningRun;
      if (isAlive(run.process)) return [run];
      rmSync(file, { force: true });
    } catch {
      // One that is being written, or was just taken back.
    }
    return [];
  });
  return found.sort((a, b) => a.since - b.since);
}
