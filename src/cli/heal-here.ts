import { systemClock } from '../core/clock.js';
import { healLeftovers } from '../run/safety/leftovers.js';
import type { KeptState } from '../target/local/index.js';

export interface HealOrder {
  kept: KeptState;
}

export async function healHere({ kept }: HealOrder): Promise<number> {
  await healLeftovers(kept, systemClock, (line) => void process.stdout.write(`${line}\n`));
  return 0;
}
