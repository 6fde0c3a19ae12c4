import { flinkComponent, KAFKA, resolveJars, ZOOKEEPER } from '../../src/target/local/artifacts.js';
import { cacheDir } from '../../src/target/local/paths.js';
import { releaseFor } from '../../src/target/local/versions.js';
import { KAFKA_LINES } from './kafka/brokers.js';

/** Fetches what tests that run at the same time have in common. */
const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
const signal = AbortSignal.timeout(30 * 60_000);
for (const component of [...Object.values(KAFKA_LINES), KAFKA, ZOOKEEPER, flinkComponent(releaseFor('1.20'))])
  await resolveJars(component, { cache: cacheDir(), onProgress, signal });
