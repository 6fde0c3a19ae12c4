import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chooses one of several: a number from 0 to below `count`. */
export type Choose = (count: number) => number;

/** Seeds that a scenario or a person may write: 0 to below this. */
export const SEEDS = 2 ** 31;

/** The same choices, in the same order, for the same seed. */
export function seededPick(seed: number): Choose {
  const generator = xoroshiro128plus(seed);
  return (count) => uniformInt(generator, 0, count - 1);
}
