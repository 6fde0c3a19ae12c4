import type { Clock } from '../../core/clock.js';

/**
 * One watch: tells of each change, or of a sign of life that changes nothing, and once of its end.
 * @returns ends it, and with it both callbacks
 */
export type Watching = (onEvent: (changes?: boolean) => void, onEnd: (error: unknown) => void) => () => void;

/** Milliseconds from the end of a watch to the next one; and at most, where one after the other ends without a word: it may not be allowed. */
const [AGAIN, SELDOM] = [1_000, 8_000];
/** A watch that is silent for so long may have stalled: a leader renews its lease every few seconds. Milliseconds. */
const STALLED = 30_000;

/**
 * Watches until the returned function is called: anew when the server ends the watch,
 * cannot be reached or falls silent. `onChange` is called for each change, and when one may have been missed.
 */
export function keepWatching(watching: Watching, clock: Clock, onChange: () => void): () => void {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    let pause = AGAIN;
    for (;;) {
      const told = await watchOnce(watching, clock, onChange, stopped.signal);
      onChange();
      pause = told ? AGAIN : pause;
      await clock.sleep(pause, stopped.signal);
      pause = Math.min(pause * 2, SELDOM);
    }
  };
  // It ends when it is stopped, and of nothing else.
  loop().catch(() => {});
  return () => stopped.abort();
}

/** Until the watch has ended or stalled. @returns whether it has told of anything @throws the signal's reason */
async function watchOnce(
  watching: Watching,
  clock: Clock,
  onChange: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let heard = clock.mono();
  let told = false;
  const close = watching(
    (changes = true) => {
      heard = clock.mono();
      told = true;
      if (changes) onChange();
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
  return told;
}
