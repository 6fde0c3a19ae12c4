import { isDeepStrictEqual } from 'node:util';
import type { LoadedScenario } from './load.js';

/** Those that want the same cluster one after the other, as starting another one takes longer than most runs; otherwise in their order. */
export function byCluster(scenarios: readonly LoadedScenario[]): LoadedScenario[] {
  const groups: LoadedScenario[][] = [];
  for (const loaded of scenarios) {
    const group = groups.find(([first]) => isDeepStrictEqual(first?.scenario.cluster, loaded.scenario.cluster));
    if (group) group.push(loaded);
    else groups.push([loaded]);
  }
  return groups.flat();
}
