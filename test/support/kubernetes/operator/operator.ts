import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { execa } from 'execa';
import { parse } from 'yaml';
import { DEPLOYMENTS } from '../../../../src/client/kubernetes/flink-deployment.js';
import { systemClock } from '../../../../src/core/clock.js';
import { messageOf } from '../../../../src/core/error.js';
import { pollForever, pollUntil } from '../../../../src/core/poll.js';
import { resolveJars } from '../../../../src/target/local/artifacts.js';
import { cacheDir } from '../../../../src/target/local/paths.js';
import { flinkImage } from '../node/images.js';
import type { KubernetesNode } from '../node/node.js';
import { JAVA_HOME } from '../node/root-files.js';

/** The newest one that there are jars of. */
const OPERATOR = {
  pom: 'flink-kubernetes-operator',
  label: 'Flink Kubernetes Operator 1.7.0',
  jars: 89,
} as const;

/** The operator in a pod, as its Helm chart labels it. */
export interface FlinkOperator {
  readonly namespace: string;
  /** Lets it find a Service by its name, as it is now: there are no names here to ask for, and an upgrade makes another one. */
  knows(service: string, namespace: string): Promise<void>;
  /** What its pod has said, that of now. */
  log(): Promise<string>;
  end(): void;
}

const KINDS = ['flinkdeployments', 'flinksessionjobs'];
const NAME = 'flink-kubernetes-operator';
const NAMESPACE = 'flink-operator';
/** In its pod. */
const HOME = '/operator';
const IMAGE = flinkImage('1.20');
const START_MS = 120_000;
const FETCH_MS = 20 * 60_000;
const CALL_MS = 20_000;
const POLL = { every: 500, clock: systemClock, signal: new AbortController().signal };

/** Looks often: its own times are for clusters that change once a day. */
const SETTINGS = {
  'kubernetes.operator.reconcile.interval': '5 s',
  'kubernetes.operator.observer.progress-check.interval': '2 s',
  'kubernetes.operator.observer.rest-ready.delay': '2 s',
  'kubernetes.operator.health.probe.enabled': 'false',
  'kubernetes.operator.leader-election.enabled': 'false',
};
export const CONSOLE_LOG = `rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.name = console
appender.console.type = CONSOLE
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %-5p %c{1} [%X{resource.name}] %m%n
`;

/** Paths of its jars, fetched where the cache has none. @throws FlinchError ARTIFACT_UNRESOLVED, PREREQUISITE_MISSING */
export const operatorJars = (onProgress: (text: string) => void = () => {}): Promise<string[]> =>
  resolveJars(OPERATOR, { cache: cacheDir(), onProgress, signal: AbortSignal.timeout(FETCH_MS) });

/** Puts the kinds of the operator into the API, and starts it for all namespaces. @throws FlinchError ARTIFACT_UNRESOLVED; Error with its log */
export async function startOperator(node: KubernetesNode): Promise<FlinkOperator> {
  const jars = await operatorJars();
  const home = join(node.dir, 'operator');
  for (const folder of ['lib', 'names']) mkdirSync(join(home, folder), { recursive: true });
  for (const jar of jars) copyFileSync(jar, join(home, 'lib', basename(jar)));
  const hosts = join(home, 'names', 'hosts');
  writeFileSync(hosts, '127.0.0.1 localhost\n');
  await node.load(IMAGE);
  const config = new KubeConfig();
  config.loadFromFile(node.kubeconfig);
  await installKinds(config, jars.find((path) => basename(path).startsWith('flink-kubernetes-operator-api')) ?? '');
  const objects = KubernetesObjectApi.makeApiClient(config);
  for (const object of manifestsOf(home)) await objects.create(object);

  const core = config.makeApiClient(CoreV1Api);
  const log = async (): Promise<string> => {
    const { items } = await core.listNamespacedPod({ namespace: NAMESPACE });
    const said = items.map(({ metadata }) =>
      core.readNamespacedPodLog({ name: metadata?.name ?? '', namespace: NAMESPACE }).catch(messageOf),
    );
    return (await Promise.all(said)).join('\n');
  };
  const started = async () => (await log()).includes("'flinkdeploymentcontroller' controller started") || undefined;
  await pollUntil('an operator that has started', started, { ...POLL, within: START_MS }).catch(async (cause) => {
    throw new Error(`${messageOf(cause)}\n${(await log()).slice(-5_000)}`, { cause });
  });
  const known = new Map<string, string>();
  const over = new AbortController();
  const refresh = async () => {
    for (const name of known.keys()) {
      const [service = '', namespace = ''] = name.split('.');
      const { spec } = await core.readNamespacedService({ name: service, namespace });
      known.set(name, spec?.clusterIP ?? '');
    }
    const lines = [...known].map(([name, address]) => `${address} ${name}\n`);
    writeFileSync(hosts, `127.0.0.1 localhost\n${lines.join('')}`);
  };
  return {
    namespace: NAMESPACE,
    async knows(service, namespace) {
      const look = async () => (await core.readNamespacedService({ name: service, namespace })).spec?.clusterIP;
      known.set(`${service}.${namespace}`, await pollUntil(`a Service ${service}`, look, { ...POLL, within: CALL_MS }));
      if (known.size > 1) return;
      void pollForever(refresh, () => {}, { every: 1_000, clock: systemClock, signal: over.signal });
    },
    log,
    // Its pod ends with the node.
    end: () => over.abort(),
  };
}

function manifestsOf(home: string): KubernetesObject[] {
  const metadata = { name: NAME, namespace: NAMESPACE };
  const labels = { 'app.kubernetes.io/name': NAME };
  const rbac = 'rbac.authorization.k8s.io';
  const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({ apiVersion, kind, ...rest });
  const written = Object.entries(SETTINGS).map(([key, value]) => `${key}: ${value}\n`);
  const env = { OPERATOR_NAMESPACE: NAMESPACE, OPERATOR_NAME: NAME, FLINK_CONF_DIR: `${HOME}/conf` };
  const folders = ['lib', 'names'].map((name) => ({ name, hostPath: { path: join(home, name), type: 'Directory' } }));
  const container = {
    name: NAME,
    image: IMAGE,
    imagePullPolicy: 'Never',
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    command: [
      `${JAVA_HOME}/bin/java`,
      ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      `-Djdk.net.hosts.file=${HOME}/names/hosts`,
      // Addresses change with each upgrade.
      ...['-Dsun.net.inetaddr.ttl=1', '-Dsun.net.inetaddr.negative.ttl=1'],
      `-Dlog4j.configurationFile=${HOME}/conf/log4j.properties`,
      ...['-cp', `${HOME}/lib/*`, 'org.apache.flink.kubernetes.operator.FlinkOperator'],
    ],
    volumeMounts: ['lib', 'names', 'conf'].map((name) => ({ name, mountPath: `${HOME}/${name}` })),
  };
  return [
    object('v1', 'Namespace', { metadata: { name: NAMESPACE } }),
    object('v1', 'ServiceAccount', { metadata }),
    object(`${rbac}/v1`, 'ClusterRoleBinding', {
      metadata: { name: NAME },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    }),
    object('v1', 'ConfigMap', {
      metadata,
      data: { 'flink-conf.yaml': written.join(''), 'log4j.properties': CONSOLE_LOG },
    }),
    object('apps/v1', 'Deployment', {
      metadata,
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: NAME,
            terminationGracePeriodSeconds: 5,
            containers: [container],
            volumes: [...folders, { name: 'conf', configMap: { name: NAME } }],
          },
        },
      },
    }),
  ];
}

/** From the jar that the operator itself was built with. */
async function installKinds(config: KubeConfig, jar: string): Promise<void> {
  const objects = KubernetesObjectApi.makeApiClient(config);
  for (const kind of KINDS) {
    const path = `META-INF/fabric8/${kind}.${DEPLOYMENTS.group}-v1.yml`;
    const { stdout } = await execa('unzip', ['-p', jar, path], { stdin: 'ignore', timeout: CALL_MS });
    await objects.create(parse(stdout) as KubernetesObject);
  }
  const custom = config.makeApiClient(CustomObjectsApi);
  const served = () => custom.listNamespacedCustomObject({ ...DEPLOYMENTS, namespace: 'default' });
  await pollUntil('kinds that are served', served, { ...POLL, within: CALL_MS });
}
