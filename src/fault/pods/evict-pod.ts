import { FlinchError } from '../../core/error.js';
import type { EvictPodOptions } from '../schema/pods.js';
import { leavingFault } from './leaving.js';

/** The pods of nodes are evicted, as a drain of their machine does; a budget of disruptions may refuse it. */
export const evictPod = leavingFault<EvictPodOptions>(
  { name: 'evictPod', means: 'the eviction of its pod', doing: 'evicting its pod', done: 'evicted' },
  async (pods, pod) => {
    if (await pods.evict(pod)) return;
    throw new FlinchError('FAULT_INJECT', {
      what: 'a PodDisruptionBudget does not allow its eviction',
      on: pod.name,
      todo: 'see that enough others run, or use deletePod, which asks no budget',
    });
  },
);
