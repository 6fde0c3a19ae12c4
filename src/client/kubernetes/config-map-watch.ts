import type { Clock } from '../../core/clock.js';
import type { Kubernetes } from './connection.js';

export interface WatchOptions {
  kubernetes: Kubernetes;
  /** Of the ConfigMap. */
  name: string;
  clock: Clock;
}

/** Milliseconds from the end of a watch to the next one. */
const AGAIN = 1_000;
/** A leader renews its lease every few seconds: a watch that is silent for so long has stalled. Milliseconds. */
const STALLED = 30_000;

/**
 * Watches a ConfigMap that changes every few seconds until the returned function is called: anew when the server ends the watch,
 * cannot be reached or falls silent. `onChange` is called for each change, and when one may have been missed.
 */
export function keepWatching(options: WatchOptions, onChange: () => void): () => void {
  const stopped = new AbortController();
  const loop = async (): Promise<void> => {
    for (;;) {
      await watchOnce(options, onChange, stopped.signal);
      onChange();
      await options.clock.sleep(AGAIN, stopped.signal);
    }
  };
  // It ends when it is stopped, and of nothing else.
  loop().catch(() => {});
  return () => stopped.abort();
}

/** Until the watch has ended or stalled. @throws the signal's reason */
async function watchOnce(
  { kubernetes, name, clock }: WatchOptions,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let heard = clock.mono();
  const close = kubernetes.watchConfigMap(
    name,
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
