import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/core/clock.js';
import { MONO, WALL } from './journal-stories.js';

/** A clock whose time passes only while somebody sleeps, at once; what is planned happens on the way. */
export interface HandClock extends Clock {
  /** Calls `act` when `ms` milliseconds have passed since the clock was made. */
  plan(ms: number, act: () => void): void;
  /** Milliseconds since the clock was made. */
  passed(): number;
}

/** `wakes`: of one that sleeps. What is planned otherwise comes first at its time, and moves nothing by itself. */
interface Due {
  at: number;
  wakes: boolean;
  act: () => void;
}

export function handClock(): HandClock {
  let time = 0;
  let due: Due[] = [];
  let passing = false;
  const comesFirst = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && !a.wakes && b.wakes);
  const add = (one: Due) => {
    const before = due.findLastIndex((other) => !comesFirst(one, other));
    due.splice(before + 1, 0, one);
  };
  /** Goes from one thing that is due to the next, each time once all that it led to has been done. */
  const pass = async () => {
    if (passing) return;
    passing = true;
    await setImmediate();
    for (; due.some(({ wakes }) => wakes); await setImmediate()) {
      const next = due.shift();
      time = Math.max(time, next?.at ?? 0);
      next?.act();
    }
    passing = false;
  };
  return {
    mono: () => MONO + time,
    wall: () => WALL + time,
    passed: () => time,
    plan: (at, act) => add({ at, wakes: false, act }),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const stop = () => {
          due = due.filter((other) => other !== sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        };
        const sleeper = { at: time + Math.max(0, ms), wakes: true, act: wake };
        signal?.addEventListener('abort', stop, { once: true });
        add(sleeper);
        void pass();
      }),
  };
}
