import { type Clock, systemClock } from '../../src/core/clock.js';

/**
 * The system's clock, but a pause between two tries takes a minute of its time: a deadline that must run out does so at
 * once, and one under which an answer is expected can be as long as a busy machine needs.
 * @param leaps from when on
 */
export function leapingClock(leaps: () => boolean = () => true): Clock {
  let leapt = 0;
  return {
    ...systemClock,
    mono: () => systemClock.mono() + leapt,
    sleep(ms, signal) {
      if (leaps()) leapt += 60_000;
      return systemClock.sleep(ms, signal);
    },
  };
}
