import type { ClusterSpec } from '../../../core/scenario.js';

const SAME = [
  'flink',
  'highAvailability',
  'jobManagers',
  'taskManagers',
  'slots',
  'zookeepers',
  'brokers',
  'disk',
] as const;

/** Why a kept cluster cannot serve a scenario. Undefined when it can: a result must not depend on where it was measured. */
export function misfit(kept: ClusterSpec, wanted: ClusterSpec): string | undefined {
  for (const key of SAME) {
    if (kept[key] !== wanted[key]) return `it has ${key} ${kept[key]}, the scenario wants ${wanted[key]}`;
  }
  for (const key of ['flinkConfig', 'zookeeperConfig'] as const) {
    const difference = differs(kept[key], wanted[key]);
    if (difference) return `its ${key} differs in ${difference}`;
  }
  return undefined;
}

function differs(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string | undefined {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].find((key) => a[key] !== b[key]);
}
