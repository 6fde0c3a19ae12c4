import type { ClusterSpec } from '../core/scenario.js';
import { interruptible } from '../run/safety/interrupt.js';
import { type Prepared, prepare, releaseFor } from '../target/local/index.js';

/** How the command line chooses Flink. */
export interface FlinkChoice {
  flink?: string;
  flinkHome?: string;
}

/** The spec with the chosen line of Flink. @throws FlinchError ARTIFACT_UNRESOLVED */
export const chooseFlink = (spec: ClusterSpec, { flink }: FlinkChoice): ClusterSpec =>
  flink === undefined ? spec : { ...spec, flink: releaseFor(flink).line };

/** Prepares once for each line of Flink, with progress on standard error. */
export async function prepareAll(
  specs: readonly ClusterSpec[],
  { flink, flinkHome }: FlinkChoice,
): Promise<Record<string, Prepared>> {
  const { signal, release } = interruptible(() => process.stderr.write('\nflinch: stopping\n'));
  const onProgress = (text: string) => void process.stderr.write(`${text}\n`);
  const prepared: Record<string, Prepared> = {};
  try {
    for (const line of new Set(specs.map((spec) => spec.flink))) {
      prepared[line] = await prepare({ flink: line }, { flinkVersion: flink, flinkHome, onProgress, signal });
    }
  } finally {
    release();
  }
  return prepared;
}
