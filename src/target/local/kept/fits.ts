import type { ClusterSpec } from '../../../core/scenario.js';
import type { Prepared } from '../prepared.js';

const SAME = [
  'flink',
  'highAvailability',
  'jobManagers',
  'taskManagers',
  'slots',
  'zookeepers',
  'brokers',
  'disk',
  'names',
] as const;

/** Why a kept cluster cannot serve a scenario. Undefined when it can: a result must not depend on where it was measured. */
export function misfit(kept: ClusterSpec, wanted: ClusterSpec): string | undefined {
  for (const key of SAME) {
    if (kept[key] !== wanted[key]) return `it has ${key} ${kept[key]}, the scenario wants ${wanted[key]}`;
  }
  for (const key of ['flinkConfig', 'zookeeperConfig', 'kafkaConfig'] as const) {
    const difference = differs(kept[key] ?? {}, wanted[key]);
    if (difference) return `its ${key} differs in ${difference}`;
  }
  return undefined;
}

type Flink = Pick<Prepared, 'flinkVersion' | 'jars'>;

/** The same for the Flink itself: two builds of one version are not one. */
export function misfitOfFlink(kept: Flink, wanted: Flink): string | undefined {
  if (kept.flinkVersion !== wanted.flinkVersion) {
    return `it runs Flink ${kept.flinkVersion}, not ${wanted.flinkVersion}`;
  }
  const same = kept.jars.flink.join('\n') === wanted.jars.flink.join('\n');
  return same ? undefined : `it runs Flink ${kept.flinkVersion} from other jars`;
}

function differs(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find((key) => a[key] !== b[key]);
}
