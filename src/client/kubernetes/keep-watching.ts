import type { Clock } from '../../core/clock.js';

/** One watch: tells of each change, and once of its end. @returns ends it, and with it both callbacks */
export type Watching = (onEvent: () => void, onEnd: (error: unknown) => void) => () => void;

/** Milliseconds from the end of a watch to the next one. */
const AGAIN = 1_000;
/** A watch that is silent for so long may have stalled: a leader renews its lease every few seconds. Milliseconds. */
const STALLED = 30_000;

/**
 * Watches until the returned function is called: anew when the server ends the watch,
 * cannot be reached or falls silent. `onChange` is called for each change, and when one may have been missed.
 */
export function keepWatching(watching: Watching, clock: Clock, onChange: () => void): () => void {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    for (;;) {
      await watchOnce(watching, clock, onChange, stopped.signal);
      onChange();
      await clock.sleep(AGAIN, stopped.signal);
    }
  };
  // It ends when it is stopped, and of nothing else.
  loop().catch(() => {});
  return () => stopped.abort();
}

/** Until the watch has ended or stalled. @throws the signal's reason */
async function watchOnce(watching: Watching, clock: Clock, onChange: () => void, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let heard = clock.mono();
  const close = watching(
    () => {
      heard = clock.mono();
      onChange();
    },
    () => over.abort(),
  );
  try {
    while (clock.mono() - heard < STALLED) await clock.sleep(STALLED - (clock.mono() - heard), either);
  } catch {
    signal.throwIfAborted();
  } finally {
    close();
  }
}
