import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { lastStamp } from './log-tail.js';

/** Where distributions put libfaketime, below a folder for the architecture or not. */
const ROOTS = ['/usr/lib', '/usr/lib64', '/usr/local/lib'];
const NAMES = ['faketime/libfaketimeMT.so.1', 'libfaketimeMT.so.1'];

/** libfaketime for programs with threads. Undefined where it is not installed. */
export function libfaketime(roots: readonly string[] = ROOTS): string | undefined {
  for (const root of roots) {
    if (!existsSync(root)) continue;
    const folders = [root, ...readdirSync(root).map((name) => join(root, name))];
    for (const folder of folders) {
      for (const name of NAMES) if (existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

export const NO_FAKETIME =
  'libfaketime, which gives one process another time, was not found; to allow it: apt install libfaketime | dnf install libfaketime';

/**
 * The environment in which a process reads a clock that is so many milliseconds ahead. Timers go on as ever: a machine
 * whose clock is wrong does not run faster.
 */
export const skewedEnv = (library: string, ms: number): Record<string, string> => ({
  LD_PRELOAD: library,
  FAKETIME: `${ms < 0 ? '-' : '+'}${Math.abs(ms) / 1000}`,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  // What libfaketime does for old C libraries makes a JVM's timed waits end at once: it spins.
  FAKETIME_FORCE_MONOTONIC_FIX: '0',
  // A JVM whose jars seem to be of another time does without its class-data archive.
  NO_FAKE_STAT: '1',
});

/** Milliseconds by which the stamp of a log's newest line from this byte on is ahead of when that was written. Undefined without one. */
export function aheadOf(log: string, from: number): number | undefined {
  const stamp = lastStamp(log, from);
  return stamp === undefined ? undefined : stamp - statSync(log).mtimeMs;
}
