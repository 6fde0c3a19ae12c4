import { muted } from './muted.js';

/** The command line in this process: what it said and what it would have exited with. */
export async function flinch(...args: string[]): Promise<{ code: number | undefined; said: string }> {
  const { exit, exitCode } = process;
  let code: number | undefined;
  process.exitCode = undefined;
  process.exit = ((given?: number) => {
    code = given;
  }) as typeof process.exit;
  try {
    // As verbs are imported: mocha may have this file as another kind of module, with an error class of its own.
    const { runProgram } = await import('../../src/cli/program.js');
    const said = await muted(() => runProgram(['node', 'flinch', ...args]));
    return { code: code ?? (process.exitCode as number | undefined), said };
  } finally {
    process.exit = exit;
    process.exitCode = exitCode;
  }
}
