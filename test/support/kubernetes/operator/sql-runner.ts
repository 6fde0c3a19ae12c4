import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { resolveJars } from '../../../../src/target/local/artifacts.js';
import { cacheDir } from '../../../../src/target/local/paths.js';
import { onPath } from '../../../../src/target/local/tool-path.js';
import { KUBERNETES_LINES, type KubernetesLine } from '../flink.js';

const SOURCE = fileURLToPath(new URL('../../../kubernetes/sql-runner/SqlRunner.java', import.meta.url));
const COMPILE_MS = 120_000;
const FETCH_MS = 20 * 60_000;

/** The class of the job in it. */
export const SQL_RUNNER = 'SqlRunner';

/** Why it cannot be compiled here; undefined where it can. */
export const missingForSqlRunner = (): string | undefined =>
  onPath('javac') && onPath('jar') ? undefined : 'there is no javac: apt install openjdk-17-jdk-headless';

/** Compiles a job that runs SQL, into a folder. Path of its jar. @throws Error with what the compiler says */
export async function compileSqlRunner(line: KubernetesLine, into: string): Promise<string> {
  const options = { cache: cacheDir(), onProgress: () => {}, signal: AbortSignal.timeout(FETCH_MS) };
  const jars = await resolveJars(KUBERNETES_LINES[line], options);
  const classes = join(into, 'classes');
  mkdirSync(classes, { recursive: true });
  const run = (program: string, args: string[]) => execa(program, args, { stdin: 'ignore', timeout: COMPILE_MS });
  await run('javac', ['-proc:none', '-nowarn', '-cp', jars.join(':'), '-d', classes, SOURCE]);
  const jar = join(into, 'sql-runner.jar');
  await run('jar', ['--create', '--file', jar, '-C', classes, '.']);
  return jar;
}
