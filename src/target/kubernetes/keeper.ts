import { ifThere } from '../../client/kubernetes/optimistic.js';
import type { Clock } from '../../core/clock.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { pollUntil } from '../../core/poll.js';
import { type KubernetesPlace, kubernetesAt } from './place.js';
import { keeperManifest } from './runner.js';

/** Somebody in the cluster who heals what a run leaves, when nothing is heard of it any more. */
export interface Keeper {
  /** Takes it away: the run has healed by itself. @throws FlinchError KUBERNETES */
  end(): Promise<void>;
}

/** Milliseconds for its image to be there, and for it to run. */
const RUNS_WITHIN = 120_000;
const EVERY = 1_000;

/**
 * Sends one, before anything depends on it.
 * @param image of Flinch @param args of `flinch`
 * @throws FlinchError CAPABILITY_MISSING where that is not allowed or it does not run
 */
export async function sendKeeper(
  place: KubernetesPlace,
  { image, args, clock }: { image: string; args: readonly string[]; clock: Clock },
): Promise<Keeper> {
  const kubernetes = await kubernetesAt(place);
  const { namespace } = kubernetes;
  const name = `flinch-keeper-${Math.floor(clock.wall()).toString(36)}`;
  const body = keeperManifest({ name, namespace, cluster: place.cluster, image, args });
  const end = async (): Promise<void> => {
    await ifThere(() =>
      kubernetes.jobs('taking the keeper away', (batch, options) =>
        batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Foreground' }, options),
      ),
    );
  };
  const runs = async (): Promise<true | undefined> => {
    const { items } = await kubernetes.call('listing pods', (core, options) =>
      core.listNamespacedPod({ namespace, labelSelector: `job-name=${name}` }, options),
    );
    return items[0]?.status?.containerStatuses?.[0]?.state?.running ? true : undefined;
  };
  try {
    await kubernetes.jobs('sending the keeper', (batch, options) =>
      batch.createNamespacedJob({ namespace, body }, options),
    );
    const signal = new AbortController().signal;
    await pollUntil('a keeper that runs', runs, { every: EVERY, within: RUNS_WITHIN, clock, signal });
    return { end };
  } catch (cause) {
    await end().catch(() => {});
    throw new FlinchError('CAPABILITY_MISSING', {
      what: `nobody in the cluster can heal in place of this run: ${messageOf(cause)}`,
      on: `image ${image}, service account flinch of namespace ${namespace}`,
      todo: 'see docs/in-cluster.md for the image, and doctor --manifest for the account; or leave --keeper-image out',
      cause,
    });
  }
}
