import type { KubernetesObject } from '@kubernetes/client-node';
import { type LaunchContext, launchOf } from '../../../../src/target/local/launch.js';
import { byRole, layOut, port } from '../../../../src/target/local/layout.js';
import { worldPaths } from '../../../../src/target/local/world-paths.js';
import type { ClusterNode } from '../../../../src/target/ports.js';
import { KUBERNETES_LINES, type KubernetesLine, specOf } from '../flink.js';
import { FLINK_LIB, flinkImage } from './images.js';
import { JAVA_HOME } from './root-files.js';

/** Stand for what a pod knows of itself when it starts. */
const [POD_IP, POD_NAME] = ['POD_IP', 'POD_NAME'] as const;
const ROOT = '/flink';
const PATHS = worldPaths(ROOT);
const SCRATCH = `${ROOT}/scratch`;

/** Writes the settings of this pod, and becomes Flink. */
const START = `
set -e
conf=$1 data=$2
shift 2
mkdir -p "$conf" "$data" ${PATHS.plugins}
for file in /settings/*; do
  sed "s/${POD_IP}/$POD_IP/g; s/${POD_NAME}/$POD_NAME/g" "$file" >"$conf/\${file##*/}"
done
exec "$@"`;

export const ROLES = ['jobmanager', 'taskmanager', 'gateway'] as const;
export type PodRole = (typeof ROLES)[number];

export interface FlinkPodsPlan {
  line: KubernetesLine;
  namespace: string;
  /** `kubernetes.cluster-id` */
  clusterId: string;
  jobManagers: number;
  taskManagers: number;
  /** A folder of the node: checkpoints and the HA store's files. */
  storage: string;
  /** Whether each pod has a small file system of its own for what it works on. */
  ownDisks: boolean;
  /** Over the defaults, for every process. */
  config: Readonly<Record<string, string>>;
}

/** What a session cluster in pods is made of, less its gateway. */
export function manifestsOf(plan: FlinkPodsPlan): KubernetesObject[] {
  const { namespace, clusterId: name } = plan;
  const metadata = { name, namespace };
  const rbac = 'rbac.authorization.k8s.io';
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  return [
    object('v1', 'Namespace', { metadata: { name: namespace } }),
    object('v1', 'ServiceAccount', { metadata }),
    // What its leaders are elected with, and no more.
    object(`${rbac}/v1`, 'Role', { metadata, rules: [{ apiGroups: [''], resources: ['configmaps'], verbs }] }),
    object(`${rbac}/v1`, 'RoleBinding', {
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    }),
    object('v1', 'Service', {
      metadata: { name: `${name}-rest`, namespace },
      spec: { selector: { app: name, component: 'jobmanager' }, ports: [{ name: 'rest', port: 8081 }] },
    }),
    ...roleOf('jobmanager', plan, plan.jobManagers),
    ...roleOf('taskmanager', plan, plan.taskManagers),
  ];
}

export const gatewayManifests = (plan: FlinkPodsPlan): KubernetesObject[] => roleOf('gateway', plan, 1);

const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({ apiVersion, kind, ...rest });

/** The port of a role that clients speak to. */
export const portOf = (role: PodRole): number => port(nodeOf(role), role === 'taskmanager' ? 'rpc' : 'rest');

/** A node as it is laid out where each has an address of its own, which here is its pod's. */
function nodeOf(role: PodRole): ClusterNode {
  const [node] = byRole(layOut(specOf('1.20', 1, 1), 'namespace'), role);
  if (!node) throw new Error(`there is no ${role}`);
  return { ...node, host: POD_IP };
}

function settingsOf(plan: FlinkPodsPlan, role: PodRole) {
  const { line, namespace, clusterId, jobManagers, taskManagers, config, ownDisks } = plan;
  const flinkConfig = {
    'high-availability.type': 'kubernetes',
    'high-availability.zookeeper.quorum': '',
    'kubernetes.cluster-id': clusterId,
    'kubernetes.namespace': namespace,
    // As Flink's own images have it: a forwarded port comes in on loopback.
    ...(role === 'jobmanager' && { 'rest.bind-address': '0.0.0.0' }),
    ...(role === 'taskmanager' && { 'taskmanager.resource-id': POD_NAME }),
    ...(ownDisks && { 'io.tmp.dirs': SCRATCH }),
    ...config,
  };
  const context: LaunchContext = {
    spec: { ...specOf(line, jobManagers, taskManagers), flinkConfig },
    prepared: {
      flinkVersion: KUBERNETES_LINES[line].version,
      java: { path: `${JAVA_HOME}/bin/java`, major: 17, version: '' },
      jars: { flink: [`${FLINK_LIB}/*`], kafka: [], zookeeper: [] },
      classDataDir: '',
      recordClassData: false,
      isolation: 'namespace',
      lacking: {},
    },
    nodes: [],
    paths: PATHS,
    clusterId: '',
  };
  return { node: nodeOf(role), launch: launchOf(nodeOf(role), context) };
}

function roleOf(role: PodRole, plan: FlinkPodsPlan, replicas: number): KubernetesObject[] {
  const { line, namespace, clusterId, storage, ownDisks } = plan;
  const name = `${clusterId}-${role}`;
  const labels = { app: clusterId, component: role };
  const { node, launch } = settingsOf(plan, role);
  const data = Object.fromEntries(
    launch.files.map(({ path, content }) => [path.slice(path.lastIndexOf('/') + 1), content]),
  );
  const ofPod = (variable: string, fieldPath: string) => ({ name: variable, valueFrom: { fieldRef: { fieldPath } } });
  const java = [`${JAVA_HOME}/bin/java`, ...launch.jvm, '-cp', launch.jars.join(':'), ...launch.main];
  const container = {
    name: 'flink',
    image: flinkImage(line),
    imagePullPolicy: 'Never',
    command: ['bash', '-c', START, 'bash', PATHS.conf(node.name), PATHS.data(node.name), ...java],
    env: [
      ofPod(POD_IP, 'status.podIP'),
      ofPod(POD_NAME, 'metadata.name'),
      ...Object.entries(launch.env).map(([key, value]) => ({ name: key, value })),
    ],
    readinessProbe: { tcpSocket: { port: portOf(role) }, periodSeconds: 1 },
    resources: { requests: { cpu: '50m', memory: '200Mi' }, limits: { memory: '900Mi' } },
    volumeMounts: [
      { name: 'settings', mountPath: '/settings' },
      { name: 'storage', mountPath: PATHS.shared },
      ...(ownDisks ? [{ name: 'scratch', mountPath: SCRATCH }] : []),
    ],
  };
  const spec = {
    serviceAccountName: clusterId,
    terminationGracePeriodSeconds: 5,
    // There are no names to ask for.
    dnsPolicy: 'Default',
    containers: [container],
    volumes: [
      { name: 'settings', configMap: { name } },
      { name: 'storage', hostPath: { path: storage, type: 'DirectoryOrCreate' } },
      ...(ownDisks ? [{ name: 'scratch', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }] : []),
    ],
  };
  return [
    object('v1', 'ConfigMap', { metadata: { name, namespace }, data }),
    object('apps/v1', 'Deployment', {
      metadata: { name, namespace },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        // TaskManagers go before others come; of JobManagers others come first.
        ...(role === 'taskmanager' && { strategy: { type: 'Recreate' } }),
        template: { metadata: { labels }, spec },
      },
    }),
  ];
}
