import type { Fault } from '../fault.js';
import { isEach } from '../schema/nodes.js';
import type { RestartOptions } from '../schema/process.js';
import { type EndingUndo, resolveEnding } from './ending.js';
import { stop } from './stop.js';
import { nthVictim } from './victims.js';

/** A stop that is healed at once: what a rolling upgrade does to a node. */
export const restart: Fault<RestartOptions, EndingUndo> = {
  ...stop,
  name: 'restart',
  resolve: ({ node, nth = 1 }, context) =>
    isEach(node) ? resolveEnding(() => nthVictim(node, nth, context), 0) : stop.resolve({ node, duration: 0 }, context),
};
