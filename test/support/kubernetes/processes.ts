import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.js';
import { messageOf } from '../../../src/core/error.js';
import { pollUntil } from '../../../src/core/poll.js';
import { identifyProcess } from '../../../src/target/local/process-identity.js';
import type { Reaper } from '../../../src/target/local/reaper.js';

/** Processes of a test by their names, each with one log of all its starts. They end with this process, however it ends. */
export interface Processes {
  /** Starts a program. @throws Error when it runs already or cannot be started */
  start(name: string, program: string, args: readonly string[]): void;
  /** Takes in one that was started elsewhere, with its output to `logFile(name)`. */
  adopt(name: string, child: ChildProcess): void;
  /** SIGKILL, and seen gone. */
  kill(name: string): Promise<void>;
  /** Pauses or resumes it. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void;
  pid(name: string): number;
  runs(name: string): boolean;
  /** @throws Error when it runs: a second one of its name would take its place here and be forgotten */
  mustNotRun(name: string): void;
  logFile(name: string): string;
  log(name: string): string;
  /**
   * Waits until a look at it gives something, for `within` milliseconds; one look may take 5 s.
   * @throws Error with the end of its log when it ends, or the time does
   */
  until<T>(
    what: string,
    name: string,
    look: (limit: AbortSignal) => Promise<T | undefined>,
    within: number,
  ): Promise<T>;
  end(): Promise<void>;
}

/** Milliseconds from SIGKILL to the end. */
const GONE_MS = 30_000;
/** Milliseconds of one look: a JobManager that asks a dead leader needs some. */
const LOOK_MS = 5_000;

const POLL = { every: 50, clock: systemClock, signal: new AbortController().signal };

/** @param dir where they run and log */
export function processesIn(dir: string, reaper: Reaper): Processes {
  const children = new Map<string, ChildProcess>();
  const ended = (child: ChildProcess) => child.exitCode ?? child.signalCode ?? undefined;
  const running = (name: string): ChildProcess => {
    const child = children.get(name);
    if (!child || ended(child) !== undefined) throw new Error(`${name} does not run`);
    return child;
  };
  const gone = async (name: string, child: ChildProcess) => {
    child.kill('SIGKILL');
    await pollUntil(`the end of ${name}`, async () => ended(child), { ...POLL, within: GONE_MS });
    children.delete(name);
  };
  const it: Processes = {
    start(name, program, args) {
      it.mustNotRun(name);
      const log = openSync(it.logFile(name), 'a');
      const child = spawn(program, [...args], { stdio: ['ignore', log, log], cwd: dir });
      closeSync(log);
      child.on('error', () => {});
      if (child.pid === undefined) throw new Error(`${program} could not be started`);
      const identity = identifyProcess(child.pid);
      if (identity) reaper.watch(identity);
      it.adopt(name, child);
    },
    adopt: (name, child) => void children.set(name, child),
    kill: async (name) => gone(name, running(name)),
    signal: (name, signal) => void running(name).kill(signal),
    pid: (name) => running(name).pid ?? 0,
    runs: (name) => {
      const child = children.get(name);
      return child !== undefined && ended(child) === undefined;
    },
    mustNotRun: (name) => {
      if (it.runs(name)) throw new Error(`${name} runs already`);
    },
    logFile: (name) => join(dir, `${name}.log`),
    log: (name) => readFileSync(it.logFile(name), 'utf8'),
    async until(what, name, look, within) {
      const child = running(name);
      const seen = async () => {
        const end = ended(child);
        return end === undefined ? look(AbortSignal.timeout(LOOK_MS)).then(wrapped) : { end };
      };
      const found = await pollUntil(what, seen, { ...POLL, within }).catch((cause: unknown) => {
        throw new Error(`${messageOf(cause)}\n${it.log(name).slice(-4000)}`, { cause });
      });
      if ('end' in found) throw new Error(`${name} ended (${found.end}):\n${it.log(name).slice(-4000)}`);
      return found.value;
    },
    async end() {
      await Promise.all([...children].map(([name, child]) => gone(name, child)));
    },
  };
  return it;
}

const wrapped = <T>(value: T | undefined) => (value === undefined ? undefined : { value });
