import type { Clock } from './clock.js';
import { FlinchError, messageOf } from './error.js';

/** One look: it began at `start`, its answer was there at `end` (monotonic milliseconds). */
export interface Sample<T> {
  start: number;
  end: number;
  value?: T;
  error?: unknown;
}

/**
 * An event that was seen by sampling lies somewhere in (after, by]: `after` is the start of the last sample that did
 * not show it, `by` the end of the first one that did. Monotonic milliseconds.
 */
export interface Interval {
  after: number;
  by: number;
}

export interface PollOptions {
  /** Milliseconds from the start of one look to the start of the next. */
  every: number;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Looks again and again until the signal is aborted; a look that throws is a sample too. Never overlaps two looks:
 * one that takes longer than the period delays the next.
 */
export async function pollForever<T>(
  look: (signal: AbortSignal) => Promise<T>,
  onSample: (sample: Sample<T>) => void,
  { every, clock, signal }: PollOptions,
): Promise<void> {
  while (!signal.aborted) {
    const start = clock.mono();
    const sample: Sample<T> = { start, end: start };
    try {
      sample.value = await look(signal);
    } catch (error) {
      sample.error = error;
    }
    if (signal.aborted) return;
    sample.end = clock.mono();
    onSample(sample);
    try {
      await clock.sleep(Math.max(0, every - (clock.mono() - start)), signal);
    } catch {
      return;
    }
  }
}

/**
 * Looks until `look` returns something other than undefined. A look that throws counts as not yet; its message is in
 * the error when the time is up.
 * @param within milliseconds
 * @throws FlinchError DEADLINE; the signal's reason when it is aborted.
 */
export async function pollUntil<T>(
  what: string,
  look: (signal: AbortSignal) => Promise<T | undefined>,
  { every, clock, signal, within }: PollOptions & { within: number },
): Promise<T> {
  const until = clock.mono() + within;
  let last: unknown;
  for (;;) {
    signal.throwIfAborted();
    try {
      const value = await look(signal);
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    const left = until - clock.mono();
    if (left <= 0) {
      throw new FlinchError('DEADLINE', {
        what: `${what} did not come about within ${within} ms`,
        ...(last === undefined ? {} : { on: `last answer: ${messageOf(last)}`, cause: last }),
      });
    }
    await clock.sleep(Math.min(every, left), signal);
  }
}
