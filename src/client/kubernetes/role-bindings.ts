import type { RbacV1Subject, V1RoleBinding } from '@kubernetes/client-node';
import type { KubernetesPods } from './connection.js';
import { edit, ifThere } from './optimistic.js';

/** What a RoleBinding gives a Role to, as the API has it. */
export type Subject = Pick<RbacV1Subject, 'apiGroup' | 'kind' | 'name' | 'namespace'>;

/** A RoleBinding that names a service account, and where in its list. Plain data. */
export interface AccountBinding {
  name: string;
  uid: string;
  /** "Role orders" */
  role: string;
  named: { at: number; subject: Subject }[];
}

/** RoleBindings of the namespace that name a service account of it. Calls throw a FlinchError KUBERNETES. */
export interface RoleBindings {
  /** All of them. */
  naming(account: string): Promise<AccountBinding[]>;
  /** Asks the server as if to take the account out; nothing comes about. @throws FlinchError KUBERNETES also where that is not allowed */
  tryOut(binding: AccountBinding): Promise<void>;
  /** Takes the account out; where somebody has done so before, or made the binding anew, it is left as it is. */
  takeOut(binding: AccountBinding, by: string): Promise<void>;
  /** The opposite: its other subjects stay as they are by then. What somebody else has taken out is left as it is. */
  putBack(binding: AccountBinding, by: string): Promise<void>;
  /** Who has taken it out; undefined where it is in it. */
  outBy(binding: AccountBinding): Promise<string | undefined>;
}

/** Who does it, written on the binding: what somebody else has taken out is never put back. */
const OWNER = 'flinch/account-taken-out-by';

/** As requests of an account are told from others. */
export const userOf = (namespace: string, account: string): string => `system:serviceaccount:${namespace}:${account}`;

export function openRoleBindings(kubernetes: KubernetesPods): RoleBindings {
  const { namespace } = kubernetes;
  const get = (name: string): Promise<V1RoleBinding | undefined> =>
    ifThere(() =>
      kubernetes.rbac('reading a RoleBinding', (rbac, options) =>
        rbac.readNamespacedRoleBinding({ namespace, name }, options),
      ),
    );
  const put = (name: string, body: V1RoleBinding, how: { dryRun?: string } = {}): Promise<V1RoleBinding> =>
    kubernetes.rbac('writing a RoleBinding', (rbac, options) =>
      rbac.replaceNamespacedRoleBinding({ namespace, name, body, ...how }, options),
    );
  const change = (
    { name, uid }: AccountBinding,
    to: (now: V1RoleBinding) => V1RoleBinding | undefined,
    how?: { dryRun: string },
  ) =>
    edit(
      name,
      () => get(name),
      (now) => (now.metadata?.uid === uid ? to(now) : undefined),
      (body) => put(name, body, how),
    );

  return {
    async naming(account) {
      const { items } = await kubernetes.rbac('listing RoleBindings', (rbac, options) =>
        rbac.listNamespacedRoleBinding({ namespace }, options),
      );
      return items.flatMap(({ metadata, roleRef, subjects = [] }) => {
        const named = subjects.flatMap((subject, at) =>
          isAccount(subject, namespace, account) ? [{ at, subject: bare(subject) }] : [],
        );
        const { name = '', uid = '' } = metadata ?? {};
        return named.length === 0 ? [] : [{ name, uid, role: `${roleRef.kind} ${roleRef.name}`, named }];
      });
    },
    async tryOut(binding) {
      await change(binding, (now) => without(now, binding), { dryRun: 'All' });
    },
    async takeOut(binding, by) {
      await change(binding, (now) => {
        const { metadata, subjects = [] } = now;
        if (metadata?.annotations?.[OWNER] !== undefined || !subjects.some((it) => isOf(binding, it))) return undefined;
        return {
          ...without(now, binding),
          metadata: { ...metadata, annotations: { ...metadata?.annotations, [OWNER]: by } },
        };
      });
    },
    async putBack(binding, by) {
      await change(binding, ({ metadata, subjects: others = [], ...rest }) => {
        const { [OWNER]: owner, ...annotations } = metadata?.annotations ?? {};
        if (owner !== by) return undefined;
        const subjects = [...others];
        for (const { at, subject } of binding.named) {
          if (!subjects.some((it) => isSame(it, subject))) subjects.splice(at, 0, subject);
        }
        return { ...rest, metadata: { ...metadata, annotations }, subjects };
      });
    },
    async outBy(binding) {
      const { metadata, subjects = [] } = (await get(binding.name)) ?? {};
      if (binding.named.every(({ subject }) => subjects.some((it) => isSame(it, subject)))) return undefined;
      const by = metadata?.uid === binding.uid ? metadata.annotations?.[OWNER] : undefined;
      return by ?? 'somebody else';
    },
  };
}

const isAccount = ({ kind, name, namespace: of }: Subject, namespace: string, account: string): boolean =>
  kind === 'User'
    ? name === userOf(namespace, account)
    : kind === 'ServiceAccount' && name === account && of === namespace;

const isSame = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;

const isOf = ({ named }: AccountBinding, subject: Subject): boolean => named.some((it) => isSame(it.subject, subject));

const without = (now: V1RoleBinding, binding: AccountBinding): V1RoleBinding => ({
  ...now,
  subjects: (now.subjects ?? []).filter((it) => !isOf(binding, it)),
});

const bare = ({ apiGroup, kind, name, namespace }: Subject): Subject => ({
  ...(apiGroup !== undefined && { apiGroup }),
  kind,
  name,
  ...(namespace !== undefined && { namespace }),
});
