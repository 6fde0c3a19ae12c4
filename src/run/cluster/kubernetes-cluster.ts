import type { Clock } from '../../core/clock.js';
import { type KubernetesCluster, type KubernetesPlace, openKubernetesCluster } from '../../target/kubernetes/index.js';
import type { ClusterSource } from './cluster-source.js';
import type { PodsState } from './pods-state.js';

export interface KubernetesSourceOptions {
  place: KubernetesPlace;
  /** As it was found for the first run; the later ones find it as it is then. */
  found: KubernetesCluster;
  state: PodsState;
  /** Whether the next run does anything beside pods. */
  beside(): boolean;
  /** Writes what whoever comes next has to heal; undefined where there is nothing. @throws FlinchError KUBERNETES, CLUSTER_BUSY */
  note(text: string | undefined): Promise<void>;
  clock: Clock;
}

/** A cluster in pods, which is somebody else's: it was there before, and stays. */
export function kubernetesCluster({
  place,
  found,
  state,
  beside,
  note,
  clock,
}: KubernetesSourceOptions): ClusterSource {
  let first: KubernetesCluster | undefined = found;
  let opened: KubernetesCluster | undefined;
  let closeCluster = async (): Promise<void> => {};
  return {
    async acquire({ runDir }) {
      opened = first ?? (await openKubernetesCluster(place, clock));
      first = undefined;
      // Known before the first fault, as it may not be allowed.
      if (beside()) await opened.sendHands();
      state.keep(opened.found.known());
      const cluster = opened.cluster(runDir);
      closeCluster = () => cluster.close();
      return { cluster, reused: true, tookMs: 0 };
    },
    lasts: true,
    replaceable: false,
    async release() {
      await closeCluster();
      closeCluster = async () => {};
      const closing = opened;
      opened = undefined;
      await closing?.close();
    },
    ledger: () => state.ledger,
    tellLedger: () => note(state.told()),
  };
}
