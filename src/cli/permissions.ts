import { stringify } from 'yaml';
import { openKubernetes } from '../client/kubernetes/connection.js';
import { ExitCode } from '../core/error.js';
import { granted, manifest, PERMISSIONS, told } from '../target/kubernetes/index.js';

export interface PermissionOptions {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
  /** Print a Role instead. */
  manifest?: boolean;
  /** With a ClusterRole for what is in no namespace. */
  clusterWide?: boolean;
}

/** Says what Kubernetes has to allow for runs on pods, and whether it does. Exits with 1 when anything is missing. */
export async function permissions({
  manifest: asManifest,
  clusterWide = false,
  ...options
}: PermissionOptions): Promise<ExitCode> {
  const kubernetes = await openKubernetes(options);
  const { namespace, server } = kubernetes;
  if (asManifest) {
    process.stdout.write(
      manifest(namespace, { all: clusterWide })
        .map((object) => stringify(object))
        .join('---\n'),
    );
    return ExitCode.passed;
  }
  const has = await granted(kubernetes, PERMISSIONS, { each: true });
  const lines = PERMISSIONS.map((permission, i) => {
    const { need, why } = permission;
    const when = need === 'always' || why.includes(need) ? why : `${need}: ${why}`;
    // What is in no namespace is granted to few, and needed by one fault alone.
    const granted = has[i] ? 'yes' : permission.clusterWide ? '-  ' : 'NO ';
    return `  ${granted}  ${told(permission).padEnd(34)}  ${when}`;
  });
  process.stdout.write(`permissions in namespace ${namespace} of ${server}\n${lines.join('\n')}\n`);
  if (PERMISSIONS.every(({ clusterWide: beyond }, i) => beyond || has[i])) return ExitCode.passed;
  process.stdout.write(
    '\na Role with all of them: flinch doctor --target kubernetes --manifest, for what is cluster-wide with --cluster-wide\n',
  );
  return ExitCode.failed;
}
