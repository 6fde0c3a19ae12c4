/** A moment on both clocks. `mono` is milliseconds on the host's monotonic clock, `wall` milliseconds since the epoch. */
export interface Instant {
  mono: number;
  wall: number;
}

/** The source of time. Everything that measures takes one, so that tests can move time by hand. */
export interface Clock {
  /** Monotonic milliseconds with a fraction. Comparable between processes of one boot of one host. */
  mono(): number;
  /** Milliseconds since the epoch. */
  wall(): number;
  /** Waits `ms` milliseconds; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The host's own clocks: CLOCK_MONOTONIC and CLOCK_REALTIME. */
export const systemClock: Clock = {
  mono: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        Math.max(0, ms),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Reads both clocks at once. */
export const now = (clock: Clock): Instant => ({ mono: clock.mono(), wall: clock.wall() });
