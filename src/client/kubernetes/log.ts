import { Writable } from 'node:stream';
import type { Log } from '@kubernetes/client-node';

/** Whose log. */
export interface LogPlace {
  pod: string;
  container: string;
  /** Wall milliseconds of the first line that is wanted; all of them unless told. */
  since?: number;
}

/**
 * Follows the log of a container.
 * @param onEnd called once, when it has ended or could not be had
 * @returns ends it, and with it both callbacks
 */
export function followLog(
  library: Log,
  namespace: string,
  { pod, container, since }: LogPlace,
  onText: (chunk: Buffer) => void,
  onEnd: () => void,
): () => void {
  let open = true;
  let begun: AbortController | undefined;
  const ended = () => {
    if (!open) return;
    open = false;
    onEnd();
  };
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        if (open) onText(chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  out.once('close', ended).once('error', ended);
  const from = since === undefined ? {} : { sinceTime: new Date(since).toISOString() };
  library.log(namespace, pod, container, out, { follow: true, ...from }).then((controller) => {
    begun = controller;
    if (!open) controller.abort();
  }, ended);
  return () => {
    open = false;
    begun?.abort();
  };
}
