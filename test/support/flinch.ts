import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './host-processes.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const SCENARIOS = fileURLToPath(new URL('../../scenarios/', import.meta.url));

/** Looking at a cluster, a hold, and an injection that waits for an operator. */
const DIES_MS = 240_000;

/** The built command line, in a folder and with a state of its own. */
export interface Flinch {
  /** Where `reports/` comes to be. */
  readonly cwd: string;
  /** Starts the command; its output is collected. */
  start(...args: string[]): Running;
  /** Runs it to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Kills a run once its first fault is effective. @throws Error with what it said, if it ends before that */
  dies(...args: string[]): Promise<void>;
  /** Folders of the runs so far, the oldest first. */
  runs(): string[];
}

export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits for a text on standard error. */
  says(text: string, within?: number): Promise<void>;
  ended(): Promise<Ended>;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function flinch(env: Record<string, string> = {}): Flinch {
  const cwd = mkdtempSync(join(tmpdir(), 'flinch-test-'));
  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd,
      env: { ...process.env, CI: '1', FLINCH_STATE: join(cwd, 'state'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const closed = once(child, 'close');
    return {
      child,
      stdout: () => out,
      stderr: () => err,
      says: async (text, within = 180_000) => {
        await until(`"${text}"`, () => err.includes(text) || child.exitCode !== null, within);
        if (!err.includes(text)) throw new Error(`it ended without saying "${text}":\n${err}`);
      },
      async ended() {
        await closed;
        return { code: child.exitCode, stdout: out, stderr: err };
      },
    };
  };
  const reports = join(cwd, 'reports');
  const runs = () => (existsSync(reports) ? readdirSync(reports) : []).sort().map((name) => join(reports, name));
  return {
    cwd,
    start,
    run: (...args) => start(...args).ended(),
    async dies(...args) {
      const before = runs().length;
      const run = start('run', ...args);
      const effective = () => {
        const journal = join(runs()[before] ?? '', 'journal.ndjson');
        return existsSync(journal) && readFileSync(journal, 'utf8').includes('"fault.effective"');
      };
      const is = await until('a fault that is effective', () => effective() || run.child.exitCode !== null, DIES_MS)
        .then(effective)
        .catch(() => false);
      run.child.kill('SIGKILL');
      const { code, stdout, stderr } = await run.ended();
      if (!is) throw new Error(`it had no effective fault (code ${code}):\n${stderr}\n${stdout}`);
    },
    runs,
  };
}
