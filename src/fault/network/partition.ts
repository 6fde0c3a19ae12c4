import type { PartitionOptions } from '../schema/network.js';
import { linksFault } from './links.js';

/** Two sets of nodes lose each other. */
export const partition = linksFault<PartitionOptions>('partition');
