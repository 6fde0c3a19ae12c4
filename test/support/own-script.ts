import { fileURLToPath } from 'node:url';
import { ownModule } from '../../src/core/own-module.js';

/** What Node is given to run a script of this folder in a process of its own. */
export function ownScript(name: string): string[] {
  const { url, execArgv } = ownModule(`./${name}`, import.meta.url);
  return [...execArgv, fileURLToPath(url)];
}
