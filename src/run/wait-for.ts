import type { Clock } from '../core/clock.js';

/**
 * Asks `done` a few times a second until it answers other than undefined or `until` (monotonic milliseconds) has
 * passed; then undefined. For questions to what has been journalled: they cost no I/O.
 */
export async function waitFor<T>(
  done: () => T | undefined,
  { until, clock, signal, every = 100 }: { until: number; clock: Clock; signal: AbortSignal; every?: number },
): Promise<T | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const answer = done();
    if (answer !== undefined) return answer;
    const left = until - clock.mono();
    if (left <= 0) return undefined;
    await clock.sleep(Math.min(every, left), signal);
  }
}
