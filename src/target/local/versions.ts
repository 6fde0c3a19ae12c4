import { FlinchError } from '../../core/error.js';
import { FLINK_LINES, type FlinkLine } from '../../core/scenario.js';

/** What a release line of Flink needs: the tested version, its pom, and about how many jars that is (for progress). */
export interface FlinkRelease {
  line: FlinkLine;
  version: string;
  pom: string;
  jars: number;
}

/** The versions this release of Flinch ships poms for. Each was resolved and run; see poms/. */
export const FLINK_RELEASES: Readonly<Record<FlinkLine, FlinkRelease>> = {
  '1.20': { line: '1.20', version: '1.20.3', pom: 'flink-1.20', jars: 72 },
  '2.2': { line: '2.2', version: '2.2.0', pom: 'flink-2.2', jars: 57 },
  '2.3': { line: '2.3', version: '2.3.0', pom: 'flink-2.3', jars: 57 },
};

const numbers = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10) || 0);

/** The shipped release nearest to a version: the same line, else the nearest line. */
export function nearestRelease(version: string): FlinkRelease {
  const [major = 0, minor = 0] = numbers(version);
  const distance = (line: FlinkLine): number => {
    const [m = 0, n = 0] = numbers(line);
    return Math.abs(m - major) * 1000 + Math.abs(n - minor);
  };
  const line = [...FLINK_LINES].sort((a, b) => distance(a) - distance(b))[0] ?? FLINK_LINES[0];
  return FLINK_RELEASES[line];
}

/**
 * The release that was asked for, by line ("2.2") or in full ("2.2.1"; then with the same pom at that version).
 * @throws FlinchError ARTIFACT_UNRESOLVED for a line without a pom.
 */
export function releaseFor(asked: string): FlinkRelease {
  const line = FLINK_LINES.find((known) => asked === known || asked.startsWith(`${known}.`));
  if (!line) {
    throw new FlinchError('ARTIFACT_UNRESOLVED', {
      what: `there is no set of artifacts for Flink ${asked}`,
      on: `known lines: ${FLINK_LINES.join(', ')}`,
      todo: `the nearest version that can be had is ${nearestRelease(asked).version}: --flink ${nearestRelease(asked).line}`,
    });
  }
  const release = FLINK_RELEASES[line];
  return asked === line ? release : { ...release, version: asked };
}

/** The shipped release of the line that a version belongs to; `2.2-SNAPSHOT` is of 2.2. @throws FlinchError ARTIFACT_UNRESOLVED */
export const releaseForLineOf = (version: string): FlinkRelease =>
  releaseFor(/^\d+\.\d+/.exec(version)?.[0] ?? version);
