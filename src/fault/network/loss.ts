import type { LossOptions } from '../schema/network.js';
import { linksFault } from './links.js';

/** Some of the packets between two sets of nodes are lost, each by chance. */
export const loss = linksFault<LossOptions>('loss', ({ share }) => ({ percent: share }));
