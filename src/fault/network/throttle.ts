import type { ThrottleOptions } from '../schema/network.js';
import { linksFault } from './links.js';

/** Links between two sets of nodes carry so much and no more: what comes faster is dropped. */
export const throttle = linksFault<ThrottleOptions>('throttle', ({ to }) => ({ over: to }));
