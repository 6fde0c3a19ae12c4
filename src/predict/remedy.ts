import { flinkDuration } from '../core/flink-values.js';
import type { Objective } from '../core/scenario.js';
import { writeDuration } from '../core/units.js';
import type { Case } from './case.js';
import { COSTS } from './cost.js';
import { DEADLINE, LEASE, RETRY } from './keys.js';
import { promiseOf } from './objective.js';
import { predict } from './predict.js';

/** Settings with which a bound is kept for certain. */
export interface Remedy {
  /** In the order in which they are to be written. */
  set: Record<string, string>;
  /** One line for each. */
  costs: string[];
}

/** The case as it is with some settings written otherwise. */
export type With = (written: Readonly<Record<string, string>>) => Case;

const SECONDS = [600, 300, 120, 60, 50, 40, 30, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1, 0.5, 0.2, 0.1];

/** What a value has to be above. Milliseconds. */
function least(it: Case, key: string): number {
  // Flink does not start with a timeout that is not above the interval.
  if (key === 'heartbeat.timeout') return it.set.duration('heartbeat.interval') ?? 0;
  // One answer of the API server that is late must not end a leadership.
  return key === LEASE ? 2 * (it.set.duration(RETRY) ?? 0) - 1 : 0;
}

/** With what has to be changed as well: a leader that gives up later than its lease runs out leads beside the next one. */
function whole(it: Case, set: Record<string, string>): Record<string, string> {
  const [duration, deadline] = [flinkDuration(set[LEASE] ?? ''), it.set.duration(DEADLINE)];
  if (duration === undefined || deadline === undefined || deadline <= duration) return set;
  return { ...set, [DEADLINE]: set[LEASE] as string };
}

/** Values that somebody would write, smaller than the one that is there, the largest first. */
function smaller(it: Case, key: string): string[] {
  const count = it.set.number(key);
  if (key === 'heartbeat.rpc-failure-threshold') return count !== undefined && count > 1 ? ['1'] : [];
  const now = it.set.duration(key);
  if (now === undefined) return [];
  return SECONDS.map((s) => s * 1000)
    .filter((ms) => ms < now && ms > least(it, key))
    .map(writeDuration);
}

/** Keys that decide anything on the way, each of which may be made smaller. */
const deciding = (it: Case): string[] => [
  ...new Set(predict(it).phases.flatMap(({ keys }) => keys.filter((key) => key in COSTS))),
];

/**
 * The settings that keep a bound that those of a case may miss: each that does it alone, with the largest value that does; else
 * all of them together, each as much smaller as it takes. None where no setting does.
 */
export function remediesFor(objective: Objective, it: Case, change: With): Remedy[] {
  const keeps = (set: Record<string, string>): boolean => promiseOf(objective, change(whole(it, set))) === 'kept';
  const remedy = (set: Record<string, string>): Remedy => withCosts(whole(it, set));
  const keys = deciding(it);
  const alone = keys.flatMap((key): Remedy[] => {
    const value = smaller(it, key).find((text) => keeps({ [key]: text }));
    return value === undefined ? [] : [remedy({ [key]: value })];
  });
  if (alone.length > 0) return alone;
  for (let step = 0; step < SECONDS.length; step++) {
    const set = Object.fromEntries(
      keys.flatMap((key) => {
        const all = smaller(it, key);
        const value = all[Math.min(step, all.length - 1)];
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
    if (keeps(set)) return [remedy(needed(set, keeps))];
  }
  return [];
}

/** Without those that the bound is kept without as well. */
const needed = (set: Record<string, string>, keeps: (set: Record<string, string>) => boolean): Record<string, string> =>
  Object.keys(set).reduce((kept, key) => {
    const { [key]: _, ...fewer } = kept;
    return keeps(fewer) ? fewer : kept;
  }, set);

const withCosts = (set: Record<string, string>): Remedy => ({
  set,
  costs: Object.keys(set).flatMap((key) => COSTS[key] ?? []),
});

export const remedyText = ({ set }: Remedy): string =>
  Object.entries(set)
    .map(([key, value]) => `${key} = ${value}`)
    .join(' and ');
