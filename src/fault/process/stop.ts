import type { StopOptions } from '../schema/process.js';
import { bySignal, endingFault } from './ending.js';

/** SIGTERM to the processes of nodes, as an operator or a machine that shuts down ends them. */
export const stop = endingFault<StopOptions>({
  name: 'stop',
  ...bySignal('SIGTERM'),
  doing: 'stopping it',
  done: 'stopped',
  // A broker hands its partitions over first, a JobManager its leadership.
  goneWithin: () => 60_000,
});
