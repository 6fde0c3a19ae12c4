import type { Scenario } from '../core/scenario.js';

/** Whether a fault of it leaves to chance whom it befalls. */
const leavesToChance = ({ faults }: Scenario): boolean =>
  faults.some(({ options }) =>
    Object.values(options)
      .flat()
      .some((value) => typeof value === 'string' && value.endsWith('.any')),
  );

/**
 * The scenario with a seed where it needs one, and with none where not.
 * @param wanted counts more than the scenario's own
 * @param draw gives one where nobody wrote any
 */
export function withSeed(scenario: Scenario, wanted: number | undefined, draw: () => number): Scenario {
  const { seed, ...rest } = scenario;
  return leavesToChance(scenario) ? { ...rest, seed: wanted ?? seed ?? draw() } : rest;
}
