import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
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
import { pollForever, pollUntil } from '../../../../src/core/poll.js';
import { resolveJars } from '../../../../src/target/local/artifacts.js';
import { cacheDir } from '../../../../src/target/local/paths.js';
import { findJava } from '../../../../src/target/local/prerequisites.js';
import { startReaper } from '../../../../src/target/local/reaper.js';
import { processesIn } from '../processes.js';

/** The newest one that there are jars of. */
const OPERATOR = {
  pom: 'flink-kubernetes-operator',
  label: 'Flink Kubernetes Operator 1.7.0',
  jars: 89,
} as const;

/** The operator as a process beside the control plane. It ends with this process, however it ends. */
export interface FlinkOperator {
  /** Lets it find a Service by its name, as it is now: there are no names here to ask for, and an upgrade makes another one. */
  knows(service: string, namespace: string): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  log(): string;
  end(): Promise<void>;
}

const KINDS = ['flinkdeployments', 'flinksessionjobs'];
const NAME = 'operator';
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
export async function startOperator(plane: { kubeconfig: string; url: string }): Promise<FlinkOperator> {
  const jars = await operatorJars();
  const java = await findJava();
  const dir = mkdtempSync(join(tmpdir(), 'flinch-operator-'));
  const [conf, hosts] = [join(dir, 'conf'), join(dir, 'hosts')];
  mkdirSync(conf);
  writeFileSync(hosts, '127.0.0.1 localhost\n');
  const written = Object.entries(SETTINGS).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(join(conf, 'flink-conf.yaml'), written.join(''));
  writeFileSync(join(conf, 'log4j.properties'), CONSOLE_LOG);
  const config = new KubeConfig();
  config.loadFromFile(plane.kubeconfig);
  await installKinds(config, jars.find((path) => basename(path).startsWith('flink-kubernetes-operator-api')) ?? '');

  const reaper = startReaper(dir);
  const processes = processesIn(dir, reaper);
  const { hostname, port } = new URL(plane.url);
  const env = {
    KUBECONFIG: plane.kubeconfig,
    // Without these it believes that it is nowhere, and asks itself for the REST API of clusters.
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    OPERATOR_NAMESPACE: 'default',
    OPERATOR_NAME: 'flink-kubernetes-operator',
    FLINK_CONF_DIR: conf,
  };
  const start = async () => {
    processes.start(NAME, 'env', [
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
      java.path,
      ...['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      `-Djdk.net.hosts.file=${hosts}`,
      // Addresses change with each upgrade.
      ...['-Dsun.net.inetaddr.ttl=1', '-Dsun.net.inetaddr.negative.ttl=1'],
      `-Dlog4j.configurationFile=${join(conf, 'log4j.properties')}`,
      ...['-cp', jars.join(delimiter), 'org.apache.flink.kubernetes.operator.FlinkOperator'],
    ]);
    const said = processes.log(NAME).length;
    const started = async () =>
      /'flinkdeploymentcontroller' controller started/.test(processes.log(NAME).slice(said)) ? true : undefined;
    await processes.until('an operator that has started', NAME, started, START_MS);
  };
  const core = config.makeApiClient(CoreV1Api);
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
  try {
    await start();
  } catch (error) {
    await processes.end();
    throw error;
  }
  return {
    async knows(service, namespace) {
      const look = async () => (await core.readNamespacedService({ name: service, namespace })).spec?.clusterIP;
      known.set(`${service}.${namespace}`, await pollUntil(`a Service ${service}`, look, { ...POLL, within: CALL_MS }));
      if (known.size > 1) return;
      void pollForever(refresh, () => {}, { every: 1_000, clock: systemClock, signal: over.signal });
    },
    kill: () => processes.kill(NAME),
    start,
    log: () => processes.log(NAME),
    async end() {
      over.abort();
      await processes.end();
      reaper.dismiss();
      rmSync(dir, { recursive: true, force: true });
    },
  };
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
