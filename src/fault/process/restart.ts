import type { Fault } from '../fault.js';
import type { RestartOptions } from '../schema/process.js';
import type { EndingUndo } from './ending.js';
import { stop } from './stop.js';

/** A stop that is healed at once: what a rolling upgrade does to a node. */
export const restart: Fault<RestartOptions, EndingUndo> = {
  ...stop,
  name: 'restart',
  resolve: ({ node }, context) => stop.resolve({ node, duration: 0 }, context),
};
