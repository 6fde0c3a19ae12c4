import { systemClock } from '../../src/core/clock.js';
import { watchMachine } from '../../src/target/local/machine.js';

/** Counts how often this machine was not itself: Flinch's own watch, from a process that has nothing else to do. */
export interface DisturbanceCount {
  /** Since `mark`, milliseconds of the monotonic clock. */
  since(mark: number): number;
  close(): void;
}

export function countDisturbances(): DisturbanceCount {
  const ends: number[] = [];
  const close = watchMachine(systemClock, ({ by }) => ends.push(by));
  return { since: (mark) => ends.filter((by) => by >= mark).length, close };
}

/** How often the machine was not itself while `work` went on. */
export async function withDisturbances<T>(work: () => Promise<T>): Promise<{ value: T; disturbances: number }> {
  const count = countDisturbances();
  try {
    const value = await work();
    return { value, disturbances: count.since(0) };
  } finally {
    count.close();
  }
}
