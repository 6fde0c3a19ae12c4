import type { EvictPodOptions } from '../schema/pods.js';
import { leavingFault } from './leaving.js';

/** The pods of nodes are evicted, as a drain of their machine does; a budget of disruptions may refuse it. */
export const evictPod = leavingFault<EvictPodOptions>(
  { name: 'evictPod', means: 'the eviction of its pod', doing: 'evicting its pod', done: 'evicted' },
  (pods, pod) => pods.evict(pod),
);
