import { z } from 'zod';
import { DURATION } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';
import { nodeSelector } from './nodes.js';

const grace = quantity(DURATION, { from: '0s', to: '1h' }, '30s')
  .optional()
  .meta({
    description:
      'How long its process may take to end in its own way (SIGTERM) before it is killed; none with 0s. That of the pod unless told.',
    examples: ['0s', '30s'],
  });

export const deletePodOptions = z
  .strictObject({ node: nodeSelector('delete the pod of'), grace })
  .meta({ description: 'The pod of each node is deleted. Healed when the pod that replaces it takes its part.' });
export type DeletePodOptions = z.output<typeof deletePodOptions>;

export const evictPodOptions = z.strictObject({ node: nodeSelector('evict the pod of') }).meta({
  description:
    'The pod of each node is evicted, which a PodDisruptionBudget may refuse. Healed when the pod that replaces it takes its part.',
});
export type EvictPodOptions = z.output<typeof evictPodOptions>;
