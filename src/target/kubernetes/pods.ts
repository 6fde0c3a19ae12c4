import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { keepWatching } from '../../client/kubernetes/keep-watching.js';
import { type Pod, podOf } from '../../client/kubernetes/pod.js';
import type { Clock } from '../../core/clock.js';

/** The pods of a cluster, as the API server has them. */
export interface PodView {
  /** As they were seen last. */
  now(): readonly Pod[];
  /** As they are: watched, and listed every few seconds beside. @throws FlinchError KUBERNETES; the signal's reason */
  fresh(signal?: AbortSignal): Promise<readonly Pod[]>;
  /** Calls back after each change, until the returned function is called. */
  onChange(listener: (pods: readonly Pod[]) => void): () => void;
  close(): void;
}

/** Milliseconds for which a list is good while a watch tells of changes; and without a watch. An API server serves others as well. */
const [WATCHED, UNWATCHED] = [5_000, 1_000];

/** @param labels selects the pods @param main the container of Flink, where a pod has several */
export function watchPods(
  kubernetes: KubernetesPods,
  { labels, main }: { labels: string; main: string | undefined },
  clock: Clock,
): PodView {
  let pods: readonly Pod[] = [];
  const known = new Map<string, Pod>();
  /** Uids of those that are gone for good: a list may be older than their end. */
  const ended = new Set<string>();
  let listedAt = Number.NEGATIVE_INFINITY;
  let watched = false;
  let looking: Promise<void> | undefined;
  const listeners = new Set<(pods: readonly Pod[]) => void>();

  const tell = (): void => {
    const now = [...known.values()].sort((a, b) => a.createdAt - b.createdAt || a.name.localeCompare(b.name));
    if (now.length === pods.length && now.every((pod, i) => pod === pods[i])) return;
    pods = now;
    for (const listener of listeners) listener(pods);
  };
  const put = (pod: Pod): void => {
    const before = known.get(pod.uid);
    if (!ended.has(pod.uid) && (before === undefined || before.version < pod.version)) known.set(pod.uid, pod);
  };
  const end = (uid: string): void => {
    ended.add(uid);
    known.delete(uid);
  };

  async function list(): Promise<void> {
    const asked = clock.mono();
    const { items, metadata } = await kubernetes.call('listing pods', (core, options) =>
      core.listNamespacedPod({ namespace: kubernetes.namespace, labelSelector: labels }, options),
    );
    listedAt = asked;
    const seen = items.map((item) => podOf(item, main));
    const version = BigInt(metadata?.resourceVersion ?? 0);
    // What a watch has told since is not in it.
    for (const { uid, version: of } of known.values()) {
      if (of <= version && seen.every((pod) => pod.uid !== uid)) end(uid);
    }
    seen.forEach(put);
    tell();
  }
  const shared = (): Promise<void> => {
    looking ??= list().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const stop = keepWatching(
    (onEvent, onEnd) =>
      kubernetes.watchPods(
        labels,
        (phase, item) => {
          // Whatever came about before it began is in the next list.
          if (!watched) listedAt = Number.NEGATIVE_INFINITY;
          watched = true;
          const pod = podOf(item, main);
          if (phase === 'DELETED') end(pod.uid);
          else put(pod);
          tell();
          onEvent();
        },
        (error) => {
          watched = false;
          onEnd(error);
        },
      ),
    clock,
    () => {},
  );
  return {
    now: () => pods,
    async fresh(signal) {
      if (clock.mono() - listedAt > (watched ? WATCHED : UNWATCHED)) await shared();
      signal?.throwIfAborted();
      return pods;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: stop,
  };
}
