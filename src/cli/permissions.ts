import { stringify } from 'yaml';
import { type KubernetesPods, openKubernetes } from '../client/kubernetes/connection.js';
import { ExitCode } from '../core/error.js';
import {
  granted,
  manifest,
  type NamedBinding,
  PERMISSIONS,
  type Permission,
  told,
} from '../target/kubernetes/index.js';

export interface PermissionOptions {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  /** Print a Role instead. */
  manifest?: boolean;
  /** With a ClusterRole for what is in no namespace. */
  clusterWide?: boolean;
  /** With what the fault revokeAccess needs of these. */
  roleBindings?: string;
  /** With what the fault deleteOperator needs there. */
  operatorNamespace?: string;
}

/** Says what Kubernetes has to allow for runs on pods, and whether it does. Exits with 1 when anything is missing. */
export async function permissions({
  manifest: asManifest,
  clusterWide = false,
  roleBindings,
  operatorNamespace,
  ...options
}: PermissionOptions): Promise<ExitCode> {
  const kubernetes = await openKubernetes(options);
  const { namespace, server } = kubernetes;
  if (asManifest) {
    const bindings = await named(kubernetes, roleBindings);
    process.stdout.write(
      manifest(namespace, { all: clusterWide, bindings, operatorNamespace })
        .map((object) => stringify(object))
        .join('---\n'),
    );
    return ExitCode.passed;
  }
  const there =
    operatorNamespace === undefined ? undefined : await openKubernetes({ ...options, namespace: operatorNamespace });
  const has = await granted({ here: kubernetes, there }, PERMISSIONS, { each: true });
  const lines = PERMISSIONS.map((permission, i) => {
    const { need, why } = permission;
    const when = need === 'always' || why.includes(need) ? why : `${need}: ${why}`;
    const granted = has[i] ? 'yes' : isBeyond(permission, there) ? '-  ' : 'NO ';
    return `  ${granted}  ${told(permission).padEnd(34)}  ${when}`;
  });
  process.stdout.write(`permissions in namespace ${namespace} of ${server}\n${lines.join('\n')}\n`);
  if (PERMISSIONS.every((permission, i) => isBeyond(permission, there) || has[i])) return ExitCode.passed;
  process.stdout.write(
    '\na Role with all of them (what is by name with --role-bindings, what is for the operator with --operator-namespace): flinch doctor --target kubernetes --manifest, for what is cluster-wide with --cluster-wide\n',
  );
  return ExitCode.failed;
}

/** Granted to few, and needed by one fault alone: what is in no namespace or in the operator's, and what is for some names. */
const isBeyond = ({ clusterWide, named, ofOperator }: Permission, operator: unknown): boolean =>
  clusterWide === true || named === true || (ofOperator === true && operator === undefined);

/** These RoleBindings, with what they give. @throws FlinchError KUBERNETES */
async function named(kubernetes: KubernetesPods, names = ''): Promise<NamedBinding[]> {
  const { namespace } = kubernetes;
  const all = names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return Promise.all(
    all.map(async (name) => {
      const { roleRef } = await kubernetes.rbac('reading a RoleBinding', (api, options) =>
        api.readNamespacedRoleBinding({ namespace, name }, options),
      );
      return { name, role: { kind: roleRef.kind, name: roleRef.name } };
    }),
  );
}
