import { createHash } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { FlinchError, messageOf } from '../../core/error.js';
import { completeJars, markComplete } from './jar-set.js';
import { copyDependencies } from './maven.js';
import { pomPath } from './paths.js';
import { findMaven } from './prerequisites.js';
import { type FlinkRelease, nearestRelease } from './versions.js';

export interface ArtifactOptions {
  cache: string;
  onProgress: (text: string) => void;
  signal: AbortSignal;
}

/** A pom of ours and how to speak of it. */
export interface Component {
  pom: string;
  label: string;
  /** About how many jars it has. */
  jars: number;
  /** Replaces `<flink.version>`. */
  flinkVersion?: string;
}

export const KAFKA: Component = { pom: 'kafka', label: 'Kafka 3.9.1', jars: 57 };
export const ZOOKEEPER: Component = { pom: 'zookeeper', label: 'ZooKeeper 3.9.3', jars: 18 };
export const flinkComponent = ({ pom, version, jars }: FlinkRelease): Component => ({
  pom,
  label: `Flink ${version}`,
  jars,
  flinkVersion: version,
});

/**
 * Absolute paths of a component's jars, fetched with Maven unless the cache has them whole. Two runs may fetch at once:
 * each fills a directory of its own, and the first to finish gives it its name.
 * @throws FlinchError CACHE_UNUSABLE, PREREQUISITE_MISSING, ARTIFACT_UNRESOLVED
 */
export async function resolveJars(
  component: Component,
  { cache, onProgress, signal }: ArtifactOptions,
): Promise<string[]> {
  const pom = await pomOf(component);
  const name = `${component.pom}-${createHash('sha256').update(pom).digest('hex').slice(0, 12)}`;
  const jars = join(cache, 'jars');
  const home = join(jars, name);
  const known = await inCache(cache, async () => completeJars(home));
  if (known) return known;
  const mvn = await findMaven();
  const temporary = await inCache(cache, async () => {
    await mkdir(jars, { recursive: true });
    return mkdtemp(join(jars, `.${name}-`));
  });
  try {
    await inCache(cache, () => writeFile(join(temporary, 'pom.xml'), pom));
    onProgress(`resolving ${component.label}`);
    const progress = (count: number) =>
      onProgress(`resolving ${component.label}: ${Math.min(count, component.jars)} of about ${component.jars} jars`);
    const failure = await copyDependencies(mvn, join(temporary, 'pom.xml'), temporary, progress, signal);
    if (failure) throw unresolved(component, failure.artifact, failure.lines);
    return await inCache(cache, async () => {
      markComplete(temporary);
      await adopt(temporary, home);
      const resolved = completeJars(home);
      if (!resolved) throw new Error(`${home} is not complete`);
      return resolved;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Gives a filled directory its name. A damaged one of that name makes way; a whole one, from another run, wins. */
async function adopt(temporary: string, home: string): Promise<void> {
  if (completeJars(home)) return;
  const damaged = `${temporary}-damaged`;
  await rename(home, damaged).catch(() => {});
  try {
    await rename(temporary, home);
  } catch (error) {
    if (!completeJars(home)) throw error;
  } finally {
    await rm(damaged, { recursive: true, force: true });
  }
}

async function pomOf({ pom, flinkVersion }: Component): Promise<string> {
  const text = await readFile(pomPath(pom), 'utf8');
  if (!flinkVersion) return text;
  return text.replace(
    /(<flink\.version>)[^<]*(<)/,
    (_, open: string, close: string) => `${open}${flinkVersion}${close}`,
  );
}

function unresolved(component: Component, artifact: string | undefined, lines: string[]): FlinchError {
  const nearest = component.flinkVersion ? nearestRelease(component.flinkVersion) : undefined;
  return new FlinchError('ARTIFACT_UNRESOLVED', {
    what: `${component.label} could not be resolved${artifact ? `: Maven does not find ${artifact}` : ''}`,
    on: lines.join(' / '),
    todo:
      nearest && nearest.version !== component.flinkVersion
        ? `the nearest version that can be had is ${nearest.version}: --flink ${nearest.version}`
        : 'check the network and the mirrors in ~/.m2/settings.xml, then try again',
  });
}

/** @throws FlinchError CACHE_UNUSABLE when work on the cache fails. */
async function inCache<T>(cache: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FlinchError('CACHE_UNUSABLE', {
      what: 'the jar cache cannot be used',
      on: `${cache}: ${messageOf(cause)}`,
      todo: 'make it readable and writable, or set FLINCH_CACHE to another directory',
      cause,
    });
  }
}

/** @throws FlinchError CACHE_UNUSABLE when the cache cannot be made, read or written. */
export async function checkCache(cache: string): Promise<void> {
  if (/\s/.test(cache) || cache.includes(delimiter)) {
    throw new FlinchError('CACHE_UNUSABLE', {
      what: 'the jar cache has a path that Java cannot take in a classpath',
      on: cache,
      todo: `set FLINCH_CACHE to a directory without blanks and "${delimiter}"`,
    });
  }
  await inCache(cache, async () => {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.R_OK | constants.W_OK | constants.X_OK);
  });
}
