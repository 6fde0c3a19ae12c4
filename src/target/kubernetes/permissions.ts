import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import type { Access, Rules } from '../../client/kubernetes/rules.js';
import { PERMISSIONS, type Permission, RBAC } from './needs.js';

/** How a permission is told that is not in the namespace of the cluster. */
export const [CLUSTER_WIDE, OF_OPERATOR] = ['(cluster-wide)', '(where the operator is)'];

/** "create, get pods/exec" */
export function told({ verbs, resource, group, clusterWide, ofOperator, named }: Permission): string {
  const where = [clusterWide && CLUSTER_WIDE, ofOperator && OF_OPERATOR, named && '(by name)'].filter(Boolean);
  return [verbs.join(', '), group === '' ? resource : `${resource}.${group}`, ...where].join(' ');
}

type Asked = Pick<KubernetesPods, 'may' | 'rules'>;

/**
 * Which of them whoever asks has, in the same order.
 * @param where the namespace of the cluster, and that of the operator, where it is known: without it nothing is granted there
 * @param each asks for every one: what roles allow may be forbidden by what stands before them
 * @throws FlinchError KUBERNETES
 */
export async function granted(
  { here, there }: { here: Asked; there?: Asked | undefined },
  permissions: readonly Permission[],
  { each = false } = {},
): Promise<boolean[]> {
  return Promise.all(
    permissions.map(async ({ verbs, group, resource, clusterWide, ofOperator }) => {
      const kubernetes = ofOperator ? there : here;
      if (!kubernetes) return false;
      const rules = each ? () => false : await rulesOnce(kubernetes);
      const has = async (access: Access): Promise<boolean> => rules(access) || (await kubernetes.may(access));
      const [name = '', subresource] = resource.split('/');
      const asked = verbs.map(
        (verb): Access => ({
          verb,
          group,
          resource: name,
          ...(subresource !== undefined && { subresource }),
          ...(clusterWide && { clusterWide }),
        }),
      );
      return (await Promise.all(asked.map(has))).every(Boolean);
    }),
  );
}

const asked = new WeakMap<object, Promise<Rules>>();

/** One request for most of them, as a run is to ask little. What is taken away later is refused when it is done. */
function rulesOnce(kubernetes: Asked): Promise<Rules> {
  const rules = asked.get(kubernetes) ?? kubernetes.rules();
  asked.set(kubernetes, rules);
  rules.catch(() => asked.delete(kubernetes));
  return rules;
}

/** A RoleBinding that may be changed, and what it gives. */
export interface NamedBinding {
  name: string;
  role: { kind: string; name: string };
}

export interface ManifestOptions {
  all?: boolean;
  bindings?: readonly NamedBinding[];
  operatorNamespace?: string | undefined;
}

/**
 * A Role with all of them that are in the namespace, and a ServiceAccount that has it.
 * @param all with a ClusterRole for those that are in none @param bindings with what is granted for named objects alone
 * @param operatorNamespace with a Role there for what is done to the operator
 */
export function manifest(
  namespace: string,
  { all = false, bindings = [], operatorNamespace }: ManifestOptions = {},
): object[] {
  const name = 'flinch';
  const here = { name, namespace };
  // Each namespace has its own, as whoever deletes one takes it away.
  const everywhere = { name: `${name}-${namespace}` };
  const bound = (kind: string, role: string) => ({
    roleRef: { apiGroup: RBAC, kind, name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  });
  const apiVersion = `${RBAC}/v1`;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here },
    {
      apiVersion,
      kind: 'Role',
      metadata: here,
      rules: [
        ...rulesOf(PERMISSIONS.filter((it) => !it.clusterWide && !it.ofOperator && !it.named)),
        ...rulesFor(bindings),
      ],
    },
    { apiVersion, kind: 'RoleBinding', metadata: here, ...bound('Role', name) },
    ...(all
      ? [
          {
            apiVersion,
            kind: 'ClusterRole',
            metadata: everywhere,
            rules: rulesOf(PERMISSIONS.filter((it) => it.clusterWide)),
          },
          { apiVersion, kind: 'ClusterRoleBinding', metadata: everywhere, ...bound('ClusterRole', everywhere.name) },
        ]
      : []),
    ...(operatorNamespace === undefined
      ? []
      : [
          {
            apiVersion,
            kind: 'Role',
            metadata: { ...everywhere, namespace: operatorNamespace },
            rules: rulesOf(PERMISSIONS.filter((it) => it.ofOperator)),
          },
          {
            apiVersion,
            kind: 'RoleBinding',
            metadata: { ...everywhere, namespace: operatorNamespace },
            ...bound('Role', everywhere.name),
          },
        ]),
  ];
}

function rulesOf(permissions: readonly Permission[]) {
  const rules = new Map<string, { apiGroups: string[]; resources: string[]; verbs: string[] }>();
  for (const { group, resource, verbs } of permissions) {
    const rule = rules.get(`${group} ${resource}`) ?? { apiGroups: [group], resources: [resource], verbs: [] };
    rule.verbs = [...new Set([...rule.verbs, ...verbs])].sort();
    rules.set(`${group} ${resource}`, rule);
  }
  return [...rules.values()];
}

/** Whoever may change a binding can give its Role to anybody: so it is for these, and for their Roles, alone. */
function rulesFor(bindings: readonly NamedBinding[]) {
  const rule = (resource: string, verb: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [{ apiGroups: [RBAC], resources: [resource], resourceNames: [...new Set(names)], verbs: [verb] }];
  const given = (kind: string) => bindings.flatMap(({ role }) => (role.kind === kind ? role.name : []));
  return [
    ...rule(
      'rolebindings',
      'update',
      bindings.map(({ name }) => name),
    ),
    ...rule('roles', 'bind', given('Role')),
    ...rule('clusterroles', 'bind', given('ClusterRole')),
  ];
}
