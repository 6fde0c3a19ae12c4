import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { FlinchError } from '../../core/error.js';

export interface Java {
  /** Path or name to execute. */
  path: string;
  major: number;
  /** All that `java -version` prints; part of the key of class-data archives. */
  version: string;
}

interface Program {
  name: string;
  apt: string;
  dnf: string;
  brew: string;
}

const JAVA: Program = {
  name: 'Java 17',
  apt: 'openjdk-17-jdk-headless',
  dnf: 'java-17-openjdk-headless',
  brew: 'openjdk@17',
};
const MAVEN: Program = { name: 'Maven', apt: 'maven', dnf: 'maven', brew: 'maven' };
const NODE: Program = { name: 'Node 20.19', apt: 'nodejs', dnf: 'nodejs', brew: 'node' };

function missing(program: Program, what: string, cause?: unknown): FlinchError {
  return new FlinchError('PREREQUISITE_MISSING', {
    what,
    todo: `install ${program.name} or newer: apt install ${program.apt} | dnf install ${program.dnf} | brew install ${program.brew}`,
    cause,
  });
}

/** @throws FlinchError PREREQUISITE_MISSING when this Node is older than 20.19. */
export function checkNode(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw missing(NODE, `Node ${version} is too old`);
}

/** Major version in what `java -version` prints; "1.8.0" is 8. Undefined when there is none. */
export function javaMajor(output: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output);
  if (!match) return undefined;
  return match[1] === '1' ? Number(match[2]) : Number(match[1]);
}

/** The Java of $JAVA_HOME or of the PATH. @throws FlinchError PREREQUISITE_MISSING when there is none or it is older than 17. */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const path = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const where = env.JAVA_HOME ? `JAVA_HOME is ${env.JAVA_HOME}` : 'no java on the PATH';
  let version: string;
  try {
    version = (
      await execa(path, ['-version'], { env, extendEnv: false, timeout: 20_000, stdin: 'ignore' })
    ).stderr.trim();
  } catch (cause) {
    throw missing(JAVA, `Java could not be run (${where})`, cause);
  }
  const major = javaMajor(version);
  if (major === undefined || major < 17) throw missing(JAVA, `Java is too old: ${version.split('\n')[0]}`);
  return { path: env.JAVA_HOME ? path : ((await onPath('java', env)) ?? path), major, version };
}

/** The `mvn` to run. Only needed when something has to be fetched. @throws FlinchError PREREQUISITE_MISSING */
export async function findMaven(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const path = await onPath('mvn', env);
  if (!path) throw missing(MAVEN, 'Maven is needed to fetch Flink, and there is no mvn on the PATH');
  return path;
}

/** Absolute path of a program. Undefined when the PATH has none. */
export async function onPath(name: string, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const dir of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(dir, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}
