/**
 * A module of this package that runs in a thread or a process of its own, and what Node needs to load it there.
 * @param path from the module at `from`, without its extension
 */
export function ownModule(path: string, from: string): { url: URL; execArgv: string[] } {
  // Out of the sources themselves, as benchmarks and single tests run.
  const uncompiled = from.endsWith('.ts');
  return { url: new URL(`${path}.${uncompiled ? 'ts' : 'js'}`, from), execArgv: uncompiled ? ['--import=tsx'] : [] };
}
