import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { keepWatching } from '../../client/kubernetes/keep-watching.js';
import { type Pod, podOf } from '../../client/kubernetes/pod.js';
import type { Clock } from '../../core/clock.js';

/** The pods of a cluster, as the API server has them. */
export interface PodView {
  /** As they were seen last. */
  now(): readonly Pod[];
  /** As they are, or were half a second ago. @throws FlinchError KUBERNETES; the signal's reason */
  fresh(signal?: AbortSignal): Promise<readonly Pod[]>;
  /** Calls back after each look that showed another picture, until the returned function is called. */
  onChange(listener: (pods: readonly Pod[]) => void): () => void;
  close(): void;
}

/** Milliseconds from one look to the next, at least: an API server serves others as well. */
const GAP = 500;

/** @param labels selects the pods @param main the container of Flink, where a pod has several */
export function watchPods(
  kubernetes: KubernetesPods,
  { labels, main }: { labels: string; main: string | undefined },
  clock: Clock,
): PodView {
  let pods: readonly Pod[] = [];
  let picture = '';
  let at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  const listeners = new Set<(pods: readonly Pod[]) => void>();
  const over = new AbortController();

  async function look(): Promise<void> {
    const asked = clock.mono();
    const { items } = await kubernetes.call('listing pods', (core, options) =>
      core.listNamespacedPod({ namespace: kubernetes.namespace, labelSelector: labels }, options),
    );
    at = asked;
    const seen = items.map((item) => podOf(item, main)).sort((a, b) => a.createdAt - b.createdAt || order(a, b));
    const text = JSON.stringify(seen);
    if (text === picture) return;
    picture = text;
    pods = seen;
    for (const listener of listeners) listener(pods);
  }
  const shared = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  let wanted = false;
  /** Many changes come at once: one look after them all. */
  const soon = async (): Promise<void> => {
    if (wanted) return;
    wanted = true;
    try {
      const wait = at + GAP - clock.mono();
      if (wait > 0) await clock.sleep(wait, over.signal);
      wanted = false;
      await shared();
    } catch {
      // The next change, or whoever asks, has it looked at again.
      wanted = false;
    }
  };
  const end = keepWatching(
    (onEvent, onEnd) => kubernetes.watchPods(labels, onEvent, onEnd),
    clock,
    () => void soon(),
  );
  return {
    now: () => pods,
    async fresh(signal) {
      if (clock.mono() - at > GAP) await shared();
      signal?.throwIfAborted();
      return pods;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      over.abort();
      end();
    },
  };
}

const order = (a: Pod, b: Pod): number => a.name.localeCompare(b.name);
