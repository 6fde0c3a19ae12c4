export const RBAC = 'rbac.authorization.k8s.io';

/** What a permission is needed for. */
export const NEEDS = [
  'always',
  'forward',
  'hands',
  'keeper',
  'operator',
  'deletePod',
  'evictPod',
  'drainNode',
  'scale',
  'breakImage',
  'revokeAccess',
  'upgradeDeployment',
  'suspendDeployment',
  'deleteOperator',
  'chaosMesh',
  'networkPolicy',
  'damageConfigMap',
  'stealLease',
] as const;
export type Need = (typeof NEEDS)[number];

/** Something that Kubernetes has to allow, in the namespace of the cluster unless told. */
export interface Permission {
  need: Need;
  /** Of the API; empty for the core one. */
  group: string;
  /** With its subresource: `pods/log`. */
  resource: string;
  verbs: readonly string[];
  /** In no namespace: only a ClusterRole grants it. */
  clusterWide?: true;
  /** In the namespace of the operator of Flink. */
  ofOperator?: true;
  /** For objects that are named, and never for all: it would be too much power. */
  named?: true;
  why: string;
}

/** All that Flinch ever asks of an API server. The Role in the documentation is made of it. */
export const PERMISSIONS: readonly Permission[] = [
  {
    need: 'always',
    group: '',
    resource: 'pods',
    verbs: ['list', 'watch'],
    why: 'finds the cluster, and sees its pods come and go',
  },
  { need: 'always', group: '', resource: 'pods/log', verbs: ['get'], why: 'keeps what they say' },
  { need: 'always', group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch'], why: 'sees who leads' },
  {
    need: 'always',
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['create', 'delete', 'get', 'update'],
    why: 'keeps other runs away while one goes on',
  },
  {
    need: 'forward',
    group: '',
    resource: 'pods/portforward',
    verbs: ['create', 'get'],
    why: 'asks JobManagers, where pods cannot be reached directly',
  },
  {
    need: 'hands',
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'delete', 'list'],
    why: 'sends hands, and takes them away',
  },
  { need: 'hands', group: '', resource: 'pods/exec', verbs: ['create', 'get'], why: 'tells hands what to do' },
  {
    need: 'keeper',
    group: 'batch',
    resource: 'jobs',
    verbs: ['create', 'delete'],
    why: 'sends somebody who heals when a run dies, with --keeper-image',
  },
  {
    need: 'operator',
    group: 'flink.apache.org',
    resource: 'flinkdeployments',
    verbs: ['get', 'watch'],
    why: 'tells what the operator says, where one made the cluster',
  },
  { need: 'deletePod', group: '', resource: 'pods', verbs: ['delete'], why: 'the fault deletePod' },
  { need: 'evictPod', group: '', resource: 'pods/eviction', verbs: ['create'], why: 'the fault evictPod' },
  {
    need: 'drainNode',
    group: '',
    resource: 'nodes',
    verbs: ['get', 'update'],
    clusterWide: true,
    why: 'the fault drainNode, and its healing',
  },
  { need: 'drainNode', group: '', resource: 'pods/eviction', verbs: ['create'], why: 'the fault drainNode' },
  { need: 'scale', group: 'apps', resource: 'deployments/scale', verbs: ['get', 'update'], why: 'the fault scale' },
  { need: 'scale', group: 'apps', resource: 'statefulsets/scale', verbs: ['get', 'update'], why: 'the fault scale' },
  {
    need: 'upgradeDeployment',
    group: 'flink.apache.org',
    resource: 'flinkdeployments',
    verbs: ['get', 'update'],
    why: 'the fault upgradeDeployment',
  },
  {
    need: 'suspendDeployment',
    group: 'flink.apache.org',
    resource: 'flinkdeployments',
    verbs: ['get', 'update'],
    why: 'the fault suspendDeployment, and its healing',
  },
  {
    need: 'deleteOperator',
    group: '',
    resource: 'pods',
    verbs: ['delete', 'list'],
    ofOperator: true,
    why: 'the fault deleteOperator',
  },
  {
    need: 'chaosMesh',
    group: 'chaos-mesh.org',
    resource: 'podchaos',
    verbs: ['create', 'delete', 'get', 'list'],
    why: 'faults with via: chaos-mesh, and taking them back',
  },
  {
    need: 'networkPolicy',
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: ['create', 'delete', 'get'],
    why: 'faults with via: network-policy, and taking them back',
  },
  {
    need: 'networkPolicy',
    group: '',
    resource: 'pods',
    verbs: ['patch'],
    why: 'faults with via: network-policy: marks the pods that are meant',
  },
  {
    need: 'networkPolicy',
    group: '',
    resource: 'pods/exec',
    verbs: ['create', 'get'],
    why: 'faults with via: network-policy: tries connections from inside',
  },
  {
    need: 'damageConfigMap',
    group: '',
    resource: 'configmaps',
    verbs: ['create', 'delete', 'update'],
    why: 'the fault damageConfigMap, and its healing',
  },
  {
    need: 'damageConfigMap',
    group: '',
    resource: 'pods',
    verbs: ['delete'],
    why: 'the healing of damageConfigMap: replaces a leader',
  },
  {
    need: 'breakImage',
    group: 'apps',
    resource: 'deployments',
    verbs: ['get', 'update'],
    why: 'the fault breakImage, and its healing',
  },
  {
    need: 'breakImage',
    group: 'apps',
    resource: 'statefulsets',
    verbs: ['get', 'update'],
    why: 'the fault breakImage, and its healing',
  },
  {
    need: 'breakImage',
    group: 'apps',
    resource: 'replicasets',
    verbs: ['delete', 'list'],
    why: 'the healing of breakImage: what a Deployment keeps of it',
  },
  {
    need: 'breakImage',
    group: 'apps',
    resource: 'controllerrevisions',
    verbs: ['delete', 'list'],
    why: 'the healing of breakImage: what a StatefulSet keeps of it',
  },
  {
    need: 'breakImage',
    group: '',
    resource: 'pods',
    verbs: ['delete'],
    why: 'the healing of breakImage: a StatefulSet waits for a pod that cannot start',
  },
  {
    need: 'revokeAccess',
    group: 'authorization.k8s.io',
    resource: 'localsubjectaccessreviews',
    verbs: ['create'],
    why: 'the fault revokeAccess: asks what JobManagers may do',
  },
  {
    need: 'revokeAccess',
    group: RBAC,
    resource: 'rolebindings',
    verbs: ['get', 'list'],
    why: 'the fault revokeAccess: finds what allows it',
  },
  {
    need: 'revokeAccess',
    group: RBAC,
    resource: 'rolebindings',
    verbs: ['update'],
    named: true,
    why: 'the fault revokeAccess, and its healing',
  },
  {
    need: 'revokeAccess',
    group: RBAC,
    resource: 'roles',
    verbs: ['bind'],
    named: true,
    why: 'the fault revokeAccess, and its healing; of clusterroles where the RoleBinding gives one',
  },
  { need: 'stealLease', group: '', resource: 'configmaps', verbs: ['update'], why: 'the fault stealLease' },
];
