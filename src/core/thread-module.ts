/**
 * A module of this package that runs in another thread, and what Node needs to load it there.
 * @param path from the module at `from`, without its extension
 */
export function threadModule(path: string, from: string): { url: URL; execArgv: string[] } {
  // Out of the sources themselves, as benchmarks and some tests run.
  const uncompiled = from.endsWith('.ts');
  return { url: new URL(`${path}.${uncompiled ? 'ts' : 'js'}`, from), execArgv: uncompiled ? ['--import=tsx'] : [] };
}
