import { type Call, isTooMany, type Kubernetes, type KubernetesPods } from '../../client/kubernetes/connection.js';
import { ifThere } from '../../client/kubernetes/optimistic.js';
import type { PodControl, PodIdentity } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface PodControlDeps {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
}

export function podControl({ kubernetes, view, seats }: PodControlDeps): PodControl {
  const { namespace } = kubernetes;
  return {
    async of(node) {
      await view.fresh();
      const pod = seats.podOf(node);
      return pod && { name: pod.name, uid: pod.uid, grace: pod.grace };
    },
    async exists({ uid }) {
      return (await view.fresh()).some((pod) => pod.uid === uid);
    },
    delete: (pod, grace) => deletePod(kubernetes, pod, grace),
    async evict(pod) {
      try {
        await unlessGone(kubernetes, `evicting pod ${pod.name}`, (core, options) => {
          const body = { metadata: { name: pod.name, namespace }, deleteOptions: exactly(pod) };
          return core.createNamespacedPodEviction({ namespace, name: pod.name, body }, options);
        });
        return true;
      } catch (error) {
        if (isTooMany(error)) return false;
        throw error;
      }
    },
  };
}

/** As `PodControl.delete`, in the namespace of the client. */
export const deletePod = (kubernetes: Kubernetes, pod: PodIdentity, grace?: number): Promise<void> =>
  unlessGone(kubernetes, `deleting pod ${pod.name}`, (core, options) => {
    const seconds = grace === undefined ? {} : { gracePeriodSeconds: Math.ceil(grace / 1000) };
    const body = { ...exactly(pod), ...seconds };
    return core.deleteNamespacedPod({ namespace: kubernetes.namespace, name: pod.name, body }, options);
  });

// Its name may be another pod's by now.
const exactly = ({ uid }: PodIdentity) => ({ preconditions: { uid } });

async function unlessGone(kubernetes: Kubernetes, what: string, work: Call<unknown>): Promise<void> {
  await ifThere(() => kubernetes.call(what, work));
}
