import { resolveJars } from '../../../src/target/local/artifacts.js';
import { cacheDir } from '../../../src/target/local/paths.js';
import { kubeBinary } from './binary.js';
import { KUBERNETES_LINES } from './flink.js';

/** Compiles and fetches what tests against Kubernetes have in common, so that no test's time goes into it. */
const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
onProgress('Kubernetes, compiled unless it is there');
const binary = await kubeBinary();
onProgress('missing' in binary ? binary.missing : binary.path);
const signal = AbortSignal.timeout(30 * 60_000);
for (const component of Object.values(KUBERNETES_LINES))
  await resolveJars(component, { cache: cacheDir(), onProgress, signal });
