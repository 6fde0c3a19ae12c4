import { toFlinchError } from '../core/error.js';

/** Tells an error as people need it: the code, and the sentence. With FLINCH_DEBUG set, also where it came from. */
export function tellError(thrown: unknown): number {
  const error = toFlinchError(thrown);
  process.stderr.write(`flinch: ${error.code}: ${error.message}\n`);
  if (process.env.FLINCH_DEBUG || error.code === 'INTERNAL') {
    process.stderr.write(`${error.stack ?? ''}\n`);
    for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`caused by ${cause.stack ?? cause.message}\n`);
    }
  }
  return error.exitCode;
}

/** Runs a verb; its answer, or its error, becomes the exit code. */
export async function exitWith(verb: () => Promise<number>): Promise<void> {
  let code: number;
  try {
    code = await verb();
  } catch (error) {
    code = tellError(error);
  }
  process.exitCode = code;
  // Sockets that a peer holds open must not keep a finished command; what was written is flushed first.
  await Promise.all([process.stdout, process.stderr].map((s) => new Promise((done) => s.write('', done))));
  process.exit(code);
}
