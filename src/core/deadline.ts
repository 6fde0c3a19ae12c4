import { FlinchError } from './error.js';

/**
 * Runs `work` with a signal that is aborted after `ms` milliseconds or when `parent` is. Always settles: work that
 * ignores its signal is left behind and its late outcome is dropped.
 * @throws FlinchError DEADLINE when the time is up; the parent's reason when the parent is aborted.
 */
export async function withDeadline<T>(
  what: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  parent?: AbortSignal,
): Promise<T> {
  parent?.throwIfAborted();
  const controller = new AbortController();
  let onParent: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new FlinchError('DEADLINE', { what: `${what} took longer than ${ms} ms` });
      controller.abort(error);
      reject(error);
    }, ms);
    onParent = () => {
      controller.abort(parent?.reason);
      reject(parent?.reason);
    };
    parent?.addEventListener('abort', onParent, { once: true });
  });
  try {
    return await Promise.race([work(controller.signal), ended]);
  } finally {
    clearTimeout(timer);
    if (onParent) parent?.removeEventListener('abort', onParent);
  }
}
