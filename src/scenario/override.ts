import { FlinchError } from '../core/error.js';
import { FLINK_LINES, type FlinkLine, type Scenario } from '../core/scenario.js';

/** The tested version of each line. */
const VERSIONS: Readonly<Record<FlinkLine, string>> = { '1.20': '1.20.3', '2.2': '2.2.0', '2.3': '2.3.0' };

/** What the command line may change of a scenario. */
export interface Overrides {
  /** A line ("2.2") or its tested version ("2.2.0"). */
  flink?: string;
}

/** The scenario with what the command line changes. @throws FlinchError ARTIFACT_UNRESOLVED for another version of Flink. */
export function overrideScenario(scenario: Scenario, { flink }: Overrides): Scenario {
  if (flink === undefined) return scenario;
  return { ...scenario, cluster: { ...scenario.cluster, flink: lineOf(flink) } };
}

function lineOf(asked: string): FlinkLine {
  const line = FLINK_LINES.find((known) => asked === known || asked === VERSIONS[known]);
  if (line) return line;
  const near = nearestLine(asked);
  throw new FlinchError('ARTIFACT_UNRESOLVED', {
    what: `there is no Flink ${asked.slice(0, 40)} for the local target`,
    on: `known: ${FLINK_LINES.map((known) => `${known} (${VERSIONS[known]})`).join(', ')}`,
    todo: `the nearest is --flink ${near} (${VERSIONS[near]})`,
  });
}

/** By major version first, then by minor. */
function nearestLine(asked: string): FlinkLine {
  const rank = (version: string): number => {
    const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
    return major * 1000 + minor;
  };
  const away = (line: FlinkLine): number => Math.abs(rank(line) - rank(asked));
  return FLINK_LINES.reduce((best, line) => (away(line) < away(best) ? line : best));
}
