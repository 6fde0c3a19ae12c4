import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.js';
import { MONO, WALL } from './journal-stories.js';

/** A clock whose time passes only in `sleep`, at once; what is planned happens on the way. */
export interface HandClock extends Clock {
  /** Calls `act` when `ms` milliseconds have passed since the clock was made. */
  plan(ms: number, act: () => void): void;
  /** Milliseconds since the clock was made. */
  passed(): number;
}

export function handClock(): HandClock {
  let time = 0;
  const planned: { at: number; act: () => void }[] = [];
  return {
    mono: () => MONO + time,
    wall: () => WALL + time,
    passed: () => time,
    plan(at, act) {
      planned.push({ at, act });
      planned.sort((a, b) => a.at - b.at);
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      const until = time + Math.max(0, ms);
      for (let next = planned[0]; next && next.at <= until; next = planned[0]) {
        planned.shift();
        time = Math.max(time, next.at);
        next.act();
      }
      time = Math.max(time, until);
      await setImmediate();
      signal?.throwIfAborted();
    },
  };
}
