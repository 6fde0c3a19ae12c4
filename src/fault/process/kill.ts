import type { KillOptions } from '../schema/process.js';
import { endingFault } from './ending.js';

/** `kill -9` of the processes of nodes. */
export const kill = endingFault<KillOptions>({
  name: 'kill',
  signal: 'SIGKILL',
  doing: 'killing it',
  done: 'killed',
  goneWithin: 5_000,
});
