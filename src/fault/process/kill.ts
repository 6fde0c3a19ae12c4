import type { KillOptions } from '../schema/process.js';
import { bySignal, endingFault } from './ending.js';

/** `kill -9` of the processes of nodes. */
export const kill = endingFault<KillOptions>({
  name: 'kill',
  ...bySignal('SIGKILL'),
  doing: 'killing it',
  done: 'killed',
  goneWithin: () => 5_000,
});
