import type { Clock } from './clock.js';

/** A clock whose sleep ends early when it is woken. */
export interface WakeableClock extends Clock {
  /** Ends the present sleep, or else the next one. */
  wake(): void;
  /** Whether the last sleep was ended by `wake`. */
  readonly woken: boolean;
}

/** @param shortest milliseconds that every sleep lasts, woken or not, so that a storm of wakes is bounded */
export function wakeable(clock: Clock, shortest: number): WakeableClock {
  let wanted = false;
  let woken = false;
  let interrupt: (() => void) | undefined;
  return {
    mono: () => clock.mono(),
    wall: () => clock.wall(),
    get woken() {
      return woken;
    },
    wake() {
      wanted = true;
      interrupt?.();
    },
    async sleep(ms, signal) {
      await clock.sleep(Math.min(ms, shortest), signal);
      const left = ms - shortest;
      if (!wanted && left > 0) {
        const early = new AbortController();
        const onAbort = () => early.abort(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        interrupt = () => early.abort();
        try {
          await clock.sleep(left, early.signal);
        } catch (reason) {
          signal?.throwIfAborted();
          if (!wanted) throw reason;
        } finally {
          interrupt = undefined;
          signal?.removeEventListener('abort', onAbort);
        }
      }
      woken = wanted;
      wanted = false;
    },
  };
}
