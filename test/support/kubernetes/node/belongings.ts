import {
  AppsV1Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  NetworkingV1Api,
  RbacAuthorizationV1Api,
} from '@kubernetes/client-node';

/**
 * All that a namespace has, a line each, less what is written anew all the time: names of pods that controllers made up,
 * and what ConfigMaps say of who leads and how far jobs are. And of machines, whether they take pods.
 */
export async function belongingsOf({ kubeconfig }: { kubeconfig: string }, namespace: string): Promise<string[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [core, apps, batch, coordination, networking, rbac] = [
    config.makeApiClient(CoreV1Api),
    config.makeApiClient(AppsV1Api),
    config.makeApiClient(BatchV1Api),
    config.makeApiClient(CoordinationV1Api),
    config.makeApiClient(NetworkingV1Api),
    config.makeApiClient(RbacAuthorizationV1Api),
  ];
  const kinds: [kind: string, list: () => Promise<{ items: KubernetesObject[] }>][] = [
    ['ConfigMap', () => core.listNamespacedConfigMap({ namespace })],
    ['Secret', () => core.listNamespacedSecret({ namespace })],
    ['Service', () => core.listNamespacedService({ namespace })],
    ['ServiceAccount', () => core.listNamespacedServiceAccount({ namespace })],
    ['Deployment', () => apps.listNamespacedDeployment({ namespace })],
    ['StatefulSet', () => apps.listNamespacedStatefulSet({ namespace })],
    ['ControllerRevision', () => apps.listNamespacedControllerRevision({ namespace })],
    ['ReplicaSet', () => apps.listNamespacedReplicaSet({ namespace })],
    ['Job', () => batch.listNamespacedJob({ namespace })],
    ['Lease', () => coordination.listNamespacedLease({ namespace })],
    ['NetworkPolicy', () => networking.listNamespacedNetworkPolicy({ namespace })],
    ['Role', () => rbac.listNamespacedRole({ namespace })],
    ['RoleBinding', () => rbac.listNamespacedRoleBinding({ namespace })],
  ];
  const lines = await Promise.all(
    kinds.map(async ([kind, list]) => (await list()).items.map((item) => `${kind} ${shapeOf(item)}`)),
  );
  const pods = (await core.listNamespacedPod({ namespace })).items.map(
    ({ metadata, status }) =>
      `Pod ${metadata?.generateName ?? metadata?.name} ${status?.phase}${ofCuts(metadata?.labels)}`,
  );
  const machines = (await core.listNode()).items.map(({ metadata, spec }) => {
    const ours = Object.keys(metadata?.annotations ?? {}).filter((key) => key.startsWith('flinch/'));
    return `Node ${metadata?.name} ${spec?.unschedulable ? 'takes no pods' : 'takes pods'} ${ours}`;
  });
  return [...lines.flat(), ...pods, ...machines].sort();
}

/** Labels by which policies of ours know a pod. */
const ofCuts = (labels: Record<string, string> = {}): string[] =>
  Object.keys(labels).filter((key) => key.startsWith('flinch/cut-'));

/** What of an object nobody but whoever breaks it changes. */
type Shaped = KubernetesObject & { spec?: unknown; rules?: unknown; roleRef?: unknown; subjects?: unknown };

/** Its name, labels and owners; what it asks for, or gives to whom. */
function shapeOf(item: Shaped): string {
  const { name, labels, annotations, ownerReferences } = item.metadata ?? {};
  const owners = ownerReferences?.map((owner) => `${owner.kind} ${owner.name}`);
  const ours = Object.keys(annotations ?? {}).filter((key) => key.startsWith('flinch/'));
  const { spec, rules, roleRef, subjects } = item;
  return JSON.stringify({ name, labels, owners, ours, spec, rules, roleRef, subjects });
}
