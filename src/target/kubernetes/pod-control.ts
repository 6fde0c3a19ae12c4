import { type Call, isTooMany, type KubernetesPods } from '../../client/kubernetes/connection.js';
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
  const unlessGone = async (what: string, work: Call<unknown>): Promise<void> => {
    await ifThere(() => kubernetes.call(what, work));
  };
  // Its name may be another pod's by now.
  const exactly = ({ uid }: PodIdentity) => ({ preconditions: { uid } });
  return {
    async of(node) {
      await view.fresh();
      const pod = seats.podOf(node);
      return pod && { name: pod.name, uid: pod.uid, grace: pod.grace };
    },
    async exists({ uid }) {
      return (await view.fresh()).some((pod) => pod.uid === uid);
    },
    delete: (pod, grace) =>
      unlessGone(`deleting pod ${pod.name}`, (core, options) => {
        const seconds = grace === undefined ? {} : { gracePeriodSeconds: Math.ceil(grace / 1000) };
        const body = { ...exactly(pod), ...seconds };
        return core.deleteNamespacedPod({ namespace, name: pod.name, body }, options);
      }),
    async evict(pod) {
      try {
        await unlessGone(`evicting pod ${pod.name}`, (core, options) => {
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
