import { delimiter, join, resolve } from 'node:path';
import { FlinchError } from '../../core/error.js';
import type { ClusterSpec } from '../../core/scenario.js';
import { type ArtifactOptions, checkCache, flinkComponent, KAFKA, resolveJars, ZOOKEEPER } from './artifacts.js';
import { connectorJars, readDistribution } from './flink-home.js';
import { type Decision, lackingOf } from './isolation.js';
import { decideIsolation } from './isolation-probe.js';
import { cacheDir, recordsClassData } from './paths.js';
import type { Prepared } from './prepared.js';
import { checkNode, findJava } from './prerequisites.js';
import { releaseFor, releaseForLineOf } from './versions.js';

export interface PrepareOptions {
  /** A line ("2.2") or a full version ("2.2.0"), instead of the scenario's. */
  flinkVersion?: string | undefined;
  /** The user's own distribution, instead of jars from Maven. */
  flinkHome?: string | undefined;
  /** Called with what is being fetched, as one line of text. */
  onProgress?: (text: string) => void;
  signal?: AbortSignal;
}

/**
 * Checks the prerequisites, fetches what the cache lacks and decides how nodes are kept apart. Runs outside of the
 * namespaces, as it needs the network.
 * @throws FlinchError PREREQUISITE_MISSING, CACHE_UNUSABLE, ARTIFACT_UNRESOLVED, USAGE
 */
export async function prepare(spec: Pick<ClusterSpec, 'flink'>, options: PrepareOptions = {}): Promise<Prepared> {
  const { onProgress = () => {}, signal = new AbortController().signal } = options;
  checkNode();
  const cache = cacheDir();
  if (options.flinkHome) fitForClasspath(options.flinkHome);
  const artifacts: ArtifactOptions = { cache, onProgress, signal };
  const [java, decision] = await Promise.all([findJava(), decideIsolation(), checkCache(cache)]);
  const flink = options.flinkHome
    ? await ownFlink(options.flinkHome, artifacts)
    : await shippedFlink(options.flinkVersion ?? spec.flink, artifacts);
  const kafka = await resolveJars(KAFKA, artifacts);
  const zookeeper = await resolveJars(ZOOKEEPER, artifacts);
  return {
    flinkVersion: flink.version,
    java,
    jars: { flink: flink.jars, kafka, zookeeper },
    classDataDir: join(cache, 'cds'),
    recordClassData: recordsClassData(),
    isolation: decision.isolation,
    ...(decision.reason === undefined ? {} : { isolationReason: sentenceOf(decision) }),
    lacking: lackingOf(decision),
  };
}

/** Java has no way to write such a path into a classpath. */
export function fitForClasspath(home: string): void {
  if (!resolve(home).includes(delimiter)) return;
  throw new FlinchError('USAGE', {
    what: `a folder of jars has "${delimiter}" in its path, which separates the parts of a classpath`,
    on: `--flink-home ${home}`,
    todo: 'name a folder without it',
  });
}

const sentenceOf = ({ reason, allow }: Decision): string => `${reason}${allow ? `; to allow more: ${allow}` : ''}`;

async function shippedFlink(asked: string, artifacts: ArtifactOptions): Promise<{ version: string; jars: string[] }> {
  const release = releaseFor(asked);
  return { version: release.version, jars: await resolveJars(flinkComponent(release), artifacts) };
}

async function ownFlink(home: string, artifacts: ArtifactOptions): Promise<{ version: string; jars: string[] }> {
  const { version, jars, hasKafkaConnector } = await readDistribution(home);
  if (hasKafkaConnector) return { version, jars };
  const shipped = await resolveJars(flinkComponent(releaseForLineOf(version)), artifacts);
  return { version, jars: [...jars, ...connectorJars(shipped)] };
}
