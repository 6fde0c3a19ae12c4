import type { FaultSpec } from '../../core/scenario.js';
import type { RunState } from '../run-state.js';
import { runGroup } from './run-group.js';
import { settle } from './settle.js';
import { step } from './steps.js';

/**
 * The scenario's faults: those that belong together side by side, one group after the other.
 * @returns the indices of the last group, which nothing has waited for to settle
 */
export async function runFaults(state: RunState): Promise<number[]> {
  const { clock, signal, recorder, scenario } = state;
  let last = Number.NEGATIVE_INFINITY;
  let before: number[] = [];
  for (const group of groupsOf(scenario.faults)) {
    const unsettled = before;
    // What is still catching up from the last one would count against the next.
    if (unsettled.length > 0) await step(recorder, 'settle', () => settle(state, unsettled));
    const { time } = scenario.faults[group[0] ?? 0] ?? {};
    if (time && time.nth > 1) await clock.sleep(Math.max(0, last + time.every - clock.mono()), signal);
    last = clock.mono();
    await runGroup(state, group);
    before = group;
  }
  return before;
}

/** The indices of the faults that belong together, group by group. */
function groupsOf(faults: readonly FaultSpec[]): number[][] {
  const groups: number[][] = [];
  for (const [index, { beside }] of faults.entries()) {
    if (beside) groups.at(-1)?.push(index);
    else groups.push([index]);
  }
  return groups;
}
