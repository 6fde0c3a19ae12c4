import { readFileSync } from 'node:fs';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { cgroupsOf, processesOf } from './cgroups.js';

export interface ContainerPlace {
  plane: { readonly kubeconfig: string };
  /** The node's control group. */
  group: string;
  pod: string;
  /** The pod's first one unless told. */
  container?: string | undefined;
  /** `default` unless told. */
  namespace?: string | undefined;
}

/**
 * The process on this host that is the first one of a container: of those in its control group, the one that calls
 * itself 1.
 * @throws Error where it does not run
 */
export async function firstProcess({ plane, group, pod, container, namespace }: ContainerPlace): Promise<number> {
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const { status } = await core.readNamespacedPod({ name: pod, namespace: namespace ?? 'default' });
  const found = status?.containerStatuses?.find(({ name }) => container === undefined || name === container);
  const id = found?.containerID?.replace(/^containerd:\/\//, '');
  if (!id) throw new Error(`${pod} has no container that was started`);
  const groups = cgroupsOf(group).filter((path) => path.endsWith(`/${id}`));
  const pid = groups.flatMap(processesOf).find(isFirst);
  if (pid === undefined) throw new Error(`container ${found?.name} of ${pod} does not run`);
  return pid;
}

/** Whether it is the first process of the innermost namespace that it is in. */
function isFirst(pid: number): boolean {
  try {
    return /^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
