type Write = typeof process.stdout.write;

/** Runs `work` with standard output and error caught, and returns what it said. */
export async function muted(work: () => Promise<unknown>): Promise<string> {
  const { stdout, stderr } = process;
  const originals = [stdout.write, stderr.write] as const;
  let said = '';
  const write = ((text: string | Uint8Array, ...rest: unknown[]) => {
    said += typeof text === 'string' ? text : Buffer.from(text).toString();
    const done = rest.find((it) => typeof it === 'function') as (() => void) | undefined;
    if (done) queueMicrotask(done);
    return true;
  }) as Write;
  stdout.write = write;
  stderr.write = write;
  try {
    await work();
  } finally {
    [stdout.write, stderr.write] = originals;
  }
  return said;
}
