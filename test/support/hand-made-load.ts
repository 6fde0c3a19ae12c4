import type { LoadControl, Skew } from '../../src/target/ports.js';
import type { HandClock } from './hand-clock.js';

const PARTITIONS = [0, 1, 2, 3];

/** The records that a run writes itself, at 1000 a second into four partitions; a test moves them by hand. */
export function handMadeLoad(clock: HandClock, isDeaf: () => boolean) {
  const load = {
    /** Records a second that are to be written. */
    rate: 1000,
    /** The partition that is preferred. */
    skew: undefined as Skew | undefined,
    /** Where the partitions of the input begin. */
    starts: new Map(PARTITIONS.map((partition) => [partition, 100])) as ReadonlyMap<number, number>,
    onAppend: (_value: string): void => {},
  };
  const shareOf = (partition: number): number => {
    const { skew } = load;
    if (isDeaf() || !skew) return 25;
    return partition === skew.partition ? skew.share : (100 - skew.share) / 3;
  };
  const control: LoadControl = {
    usual: 1000,
    partitions: PARTITIONS.length,
    rate: () => load.rate,
    setRate: (rate) => {
      load.rate = rate;
    },
    skew: () => load.skew,
    setSkew: (skew) => {
      load.skew = skew;
    },
    attempted: () => (clock.passed() / 1000) * (isDeaf() ? 1000 : load.rate),
    attemptedByPartition: () => PARTITIONS.map((partition) => (clock.passed() / 1000) * 10 * shareOf(partition)),
    input: {
      topic: 'run.input',
      starts: async () => load.starts,
      ends: async () => new Map(PARTITIONS.map((partition) => [partition, 500])),
      append: async (_partition, value) => {
        if (!isDeaf()) load.onAppend(value);
      },
      deleteBefore: async (ends) => {
        if (!isDeaf()) load.starts = ends;
      },
    },
  };
  return Object.assign(load, { control });
}
