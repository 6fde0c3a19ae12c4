import { FlinchError, messageOf } from '../../core/error.js';
import { isInvalid, isNotFound, type Kubernetes } from './connection.js';

/** A pod that may be marked: another one of the same name is not it. */
interface Marked {
  name: string;
  uid: string;
}

/** Labels on pods that nobody else has, so that a selector means exactly these. Calls throw a FlinchError KUBERNETES. */
export interface PodMarks {
  /** @throws FlinchError FAULT_INJECT where exactly this pod is not there (any more) */
  mark(pod: Marked, key: string, value: string): Promise<void>;
  /** Takes the label away; a pod that is gone, or has none, is left alone. */
  unmark(pod: Marked, key: string): Promise<void>;
  /** The pods that have it now. */
  marked(key: string): Promise<Marked[]>;
}

export function openPodMarks(kubernetes: Kubernetes): PodMarks {
  const { namespace } = kubernetes;
  /** Of exactly this pod: the server does all of a patch, or nothing of it. */
  const patch = ({ name, uid }: Marked, change: object) => {
    const body = [{ op: 'test', path: '/metadata/uid', value: uid }, change];
    return kubernetes.call(`marking pod ${name}`, (core, options) =>
      core.patchNamespacedPod({ namespace, name, body }, options),
    );
  };
  const path = (key: string) => `/metadata/labels/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return {
    async mark(pod, key, value) {
      try {
        await patch(pod, { op: 'add', path: path(key), value });
      } catch (cause) {
        if (!isInvalid(cause) && !isNotFound(cause)) throw cause;
        const what = `it could not be marked, maybe as it is another one by now: ${messageOf(cause)}`;
        throw new FlinchError('FAULT_INJECT', { what, on: pod.name, cause });
      }
    },
    async unmark(pod, key) {
      try {
        await patch(pod, { op: 'remove', path: path(key) });
      } catch (error) {
        if (!isInvalid(error) && !isNotFound(error)) throw error;
      }
    },
    async marked(key) {
      const { items } = await kubernetes.call('listing pods', (core, options) =>
        core.listNamespacedPod({ namespace, labelSelector: key }, options),
      );
      return items.map(({ metadata }) => ({ name: metadata?.name ?? '', uid: metadata?.uid ?? '' }));
    },
  };
}
