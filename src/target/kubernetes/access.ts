import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { review } from '../../client/kubernetes/reviews.js';
import { openRoleBindings, userOf } from '../../client/kubernetes/role-bindings.js';
import { FlinchError } from '../../core/error.js';
import type { AccessControl, ClusterNode } from '../ports.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface AccessDeps {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
  nodes: readonly Pick<ClusterNode, 'name' | 'role'>[];
}

/** Pods that have ended ask for nothing any more. */
const ENDED = new Set(['Succeeded', 'Failed']);
/** Every pod that says nothing else has it, and the next one that somebody makes. */
const EVERYBODYS = 'default';

/** What JobManagers may do in the API. */
export function podAccess({ kubernetes, view, seats, nodes }: AccessDeps): AccessControl {
  const { namespace } = kubernetes;
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  const used = (what: string, account: string) =>
    new FlinchError('GUARD', {
      what: `refused: ${what}`,
      on: `service account ${account} of namespace ${namespace}`,
      todo: 'give the pods of this cluster an account of their own, that nobody else uses',
    });

  async function assertAlone(account: string): Promise<void> {
    const fieldSelector = `spec.serviceAccountName=${account}`;
    const { items } = await kubernetes.call('listing pods', (core, options) =>
      core.listNamespacedPod({ namespace, fieldSelector }, options),
    );
    const ours = new Set((await view.fresh()).map(({ uid }) => uid));
    const others = items.filter(
      ({ metadata, status }) => !ours.has(metadata?.uid ?? '') && !ENDED.has(status?.phase ?? ''),
    );
    if (others.length === 0) return;
    const names = others.map(({ metadata }) => metadata?.name).join(', ');
    throw used(`pods that are none of this cluster have it as well: ${names}`, account);
  }

  return {
    ...openRoleBindings(kubernetes),
    async account() {
      await view.fresh();
      const pods = nodes.flatMap(({ name, role }) => (role === 'jobmanager' ? (seats.podOf(name) ?? []) : []));
      const [account, ...more] = new Set(pods.map((pod) => pod.account));
      if (account === undefined || more.length > 0) {
        throw new FlinchError('FAULT_INJECT', {
          what: account === undefined ? 'no pod of a JobManager is there' : 'its JobManagers have several accounts',
          on: [account, ...more].join(', ') || namespace,
        });
      }
      if (account === EVERYBODYS) throw used('it is that of every pod that names none', account);
      await assertAlone(account);
      return account;
    },
    may: (account, access) => review(kubernetes, { user: userOf(namespace, account), groups }, access),
    mayAny: (access) => review(kubernetes, { groups }, access),
  };
}
