import type { DeletePodOptions } from '../schema/pods.js';
import { leavingFault } from './leaving.js';

/** The pods of nodes are deleted, as `kubectl delete pod` does. */
export const deletePod = leavingFault<DeletePodOptions>(
  { name: 'deletePod', means: 'the deletion of its pod', doing: 'deleting its pod', done: 'deleted' },
  (pods, pod, { grace }) => pods.delete(pod, grace),
);
