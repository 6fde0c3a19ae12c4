import { FlinchError } from '../../core/error.js';

/** Turns the first SIGINT, SIGTERM or SIGHUP into an abort; later ones are told what is under way. */
export function interruptible(
  say: (line: string) => void,
  then = 'healing, then ending',
): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const on = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      say(`${signal} again: still ${then}`);
      return;
    }
    say(`${signal}: ${then}`);
    controller.abort(new FlinchError('INTERRUPTED', { what: `interrupted by ${signal}`, cause: signal }));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, on);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, on);
    },
  };
}

/** The name of the signal that aborted; undefined when it was not aborted. */
export function interruptedBy(interrupted: AbortSignal): string | undefined {
  if (!interrupted.aborted) return undefined;
  const { reason } = interrupted;
  return reason instanceof FlinchError && typeof reason.cause === 'string' ? reason.cause : 'an abort';
}
