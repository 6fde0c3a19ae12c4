import type { V1Pod } from '@kubernetes/client-node';
import { PAUSE_IMAGE } from './images.js';

/** A pod that does nothing, until it is told to end. */
export const waiting = (name: string): V1Pod => ({
  metadata: { name },
  spec: {
    containers: [{ name: 'waits', image: PAUSE_IMAGE, imagePullPolicy: 'Never' }],
    terminationGracePeriodSeconds: 1,
  },
});
