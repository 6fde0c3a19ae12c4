/**
 * lanes.js --alone FILE.. --nodes FILE.. --clusters FILE.. --light FILE..: runs test files on real clusters and brokers, each
 * with a mocha of its own. Those of `alone` come first, one at a time; then those of `nodes`, each in a network of its own, and
 * of `clusters` two at a time, the longest first (they mostly wait for time-outs, but two clusters are as many as two cores
 * carry), and beside them those of `light`, which need brokers alone, stand-ins or nothing, with what is left of the processors.
 *
 * A file that fails while this machine was not itself is asked again, twice at most, once the machine has been itself for a while; every outcome
 * is printed. Nothing that tells of lost, duplicated or wrong records is asked twice.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/core/clock.js';
import { tellsOfData } from '../test/support/excuse.js';
import { countDisturbances } from '../test/support/machine-watch.js';

/** The longest file takes half of it on a quiet machine. Milliseconds. */
const DEADLINE = 25 * 60_000;
/** What a test does about its clusters when it is told to end. Milliseconds. */
const GRACE = 30_000;
/** How often a file is asked for. */
const TRIES = 3;
/** Milliseconds without a disturbance before a file is asked again, and how long that is waited for. */
const CALM = { for: 20_000, within: 3 * 60_000 };
/** A fixed loop: about a second on an idle core of 2.5 GHz. */
const LOOP =
  'const t = performance.now(); let x = 0; for (let i = 0; i < 1e9; i++) x = (x + i) | 0; console.log(performance.now() - t)';
/** Slow is a machine that never gets the loop done in this time: one that is shared may stand still, and be itself again. */
const SLOW = { tries: 8, within: 3_000 };

interface Ended {
  readonly passed: boolean;
  readonly said: string;
  /** Lines for the totals and the failures of CI (test/support/totals-reporter.cjs). */
  readonly totals: string;
  readonly failures: string;
}

/** A test file, and the command that it runs in. */
interface Job {
  readonly file: string;
  readonly within: readonly string[];
}

const children = new Set<ReturnType<typeof spawn>>();
const disturbances = countDisturbances();

/** What a program says, and how it ends. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let said = '';
    const take = (chunk: Buffer) => {
      said += chunk;
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    let kill: NodeJS.Timeout | undefined;
    const deadline = setTimeout(() => {
      said += `\nnot ended after ${DEADLINE / 60_000} min: ended now\n`;
      child.kill('SIGTERM');
      kill = setTimeout(() => child.kill('SIGKILL'), GRACE);
    }, DEADLINE);
    const end = (code: number | null) => {
      clearTimeout(deadline);
      clearTimeout(kill);
      children.delete(child);
      resolve({ code, said });
    };
    child.once('error', (error) => {
      said += `${error.message}\n`;
      end(null);
    });
    child.once('close', end);
  });
}

async function once({ file, within }: Job, nice: number): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'flinch-lane-'));
  const totals = join(folder, 'totals');
  const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
  try {
    const mocha = ['node_modules/mocha/bin/mocha.js', '--config', 'test/real.mocharc.json', file];
    const { code, said } = await run('nice', ['-n', `${nice}`, ...within, process.execPath, ...mocha], {
      ...process.env,
      FLINCH_TEST_TOTALS: totals,
    });
    return { passed: code === 0, said, totals: read(totals), failures: read(`${totals}.failures`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count({ totals, failures }: Ended): void {
  const file = process.env.FLINCH_TEST_TOTALS;
  if (!file) return;
  appendFileSync(file, totals);
  if (failures) appendFileSync(`${file}.failures`, failures);
}

/** Waits until the machine has been itself for a while; not for ever. */
async function untilCalm(): Promise<void> {
  const since = systemClock.mono();
  do await systemClock.sleep(CALM.for / 4);
  while (disturbances.since(systemClock.mono() - CALM.for) > 0 && systemClock.mono() - since < CALM.within);
}

/** Whether it passed, at once or when it was asked again. */
async function test(job: Job, nice: number): Promise<boolean> {
  const name = relative(process.cwd(), job.file);
  for (let tries = 1; ; tries++) {
    const began = systemClock.mono();
    const ended = await once(job, nice);
    const taken = disturbances.since(began);
    const excused = !ended.passed && tries < TRIES && taken > 0 && !tellsOfData(ended.said);
    process.stdout.write(`== ${name}, ${Math.round((systemClock.mono() - began) / 1000)} s\n${ended.said}\n`);
    if (!excused) {
      count(ended);
      return ended.passed;
    }
    process.stdout.write(`== ${name} failed, and this machine was not itself (${taken} times): once more\n`);
    await untilCalm();
  }
}

/** All of `jobs`, so many at a time. */
async function lane(jobs: readonly Job[], width: number, nice = 0): Promise<boolean> {
  const left = [...jobs];
  let passed = true;
  const work = async () => {
    for (let job = left.shift(); job !== undefined; job = left.shift()) {
      if (!(await test(job, nice))) passed = false;
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return passed;
}

async function isSlow(): Promise<boolean> {
  if (availableParallelism() < 2) return true;
  for (let tries = 0; tries < SLOW.tries; tries++) {
    if (Number((await run(process.execPath, ['-e', LOOP])).said) <= SLOW.within) return false;
  }
  return true;
}

const files = { type: 'string', multiple: true, default: [] as string[] } as const;
const { values } = parseArgs({ options: { alone: files, nodes: files, clusters: files, light: files } });
const jobs = (list: readonly string[], within: readonly string[] = []): Job[] => list.map((file) => ({ file, within }));
const [alone, light] = [jobs(values.alone), jobs(values.light)];
// A node is all of its network.
const clusters = [...jobs(values.nodes, ['scripts/in-own-network.sh']), ...jobs(values.clusters)];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal);
    process.exit(1);
  });
}
const results: boolean[] = [];
if (await isSlow()) {
  // Bounds on recovery would not hold for two at a time.
  process.stdout.write('this machine is slow now, again and again: one file at a time\n');
  results.push(await lane([...alone, ...clusters, ...light], 1));
} else {
  results.push(await lane(alone, 1));
  results.push(...(await Promise.all([lane(clusters, 2), lane(light, 1, 5)])));
}
disturbances.close();
process.exitCode = results.every(Boolean) ? 0 : 1;
