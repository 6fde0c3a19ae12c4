import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
} from '@kubernetes/client-node';
import { DEPLOYMENTS } from '../../../../src/client/kubernetes/flink-deployment.js';
import { systemClock } from '../../../../src/core/clock.js';
import { messageOf } from '../../../../src/core/error.js';
import { pollUntil } from '../../../../src/core/poll.js';
import { FLINK_MODULES } from '../../../../src/target/local/launch.js';
import { FLINK_LIB, flinkImage } from '../node/images.js';
import type { KubernetesNode } from '../node/node.js';
import { JAVA_HOME } from '../node/root-files.js';
import { CONSOLE_LOG, type FlinkOperator } from './operator.js';
import { compileSqlRunner, SQL_RUNNER } from './sql-runner.js';

/** Newer lines read no flink-conf.yaml, which is what this operator writes. */
const LINE = '1.20';

export interface DeploymentOptions {
  node: KubernetesNode;
  operator: FlinkOperator;
  /** Of the FlinkDeployment, its namespace and its job. */
  name: string;
  /** What the job executes. */
  statements: readonly string[];
  /** Over the defaults. */
  config?: Readonly<Record<string, string>>;
}

/** What a FlinkDeployment asks for, as far as tests look at it. */
export interface DeploymentSpec {
  job: { upgradeMode: string; state?: string };
}

/** What the operator says of a FlinkDeployment. */
export interface DeploymentStatus {
  lifecycleState?: string;
  jobManagerDeploymentStatus?: string;
  error?: string;
  jobStatus?: { jobId?: string; state?: string; savepointInfo?: { lastSavepoint?: { location?: string } } };
}

/** A Flink cluster that runs one job, made by the operator: two JobManagers, and TaskManagers that Flink itself asks for. */
export interface OperatedFlink {
  readonly namespace: string;
  readonly name: string;
  status(): Promise<DeploymentStatus>;
  /** What is asked for. */
  spec(): Promise<DeploymentSpec>;
  /** Waits for what the operator says. @throws Error with all that is known when it does not come */
  until(what: string, holds: (status: DeploymentStatus) => boolean): Promise<DeploymentStatus>;
  /** Removes all of it, and seen gone. */
  end(): Promise<void>;
}

const BECOMES_MS = 240_000;
const GONE_MS = 120_000;
const POLL = { every: 500, clock: systemClock, signal: new AbortController().signal };
const DATA = '/data';

const JAVA = `exec ${JAVA_HOME}/bin/java ${FLINK_MODULES.join(' ')} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
  -Dlog4j.configurationFile=file:/scripts/log4j.properties -cp "${FLINK_LIB}/*"`;
/** What images of Flink have for starts by Flink itself. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'log4j.properties': CONSOLE_LOG,
  'entry.sh': `#!/usr/bin/bash
export PATH=/scripts:$PATH FLINK_CONF_DIR=\${FLINK_CONF_DIR:-/opt/flink/conf} FLINK_LIB_DIR=${FLINK_LIB} FLINK_HOME=/opt/flink
exec "$@"
`,
  'kubernetes-jobmanager.sh': `#!/usr/bin/bash
shift
${JAVA} -Xms256m -Xmx384m org.apache.flink.kubernetes.entrypoint.KubernetesApplicationClusterEntrypoint --configDir "$FLINK_CONF_DIR" "$@"
`,
  'kubernetes-taskmanager.sh': `#!/usr/bin/bash
${JAVA} -Xms128m -Xmx320m org.apache.flink.kubernetes.taskmanager.KubernetesTaskExecutorRunner --configDir "$FLINK_CONF_DIR" "$@"
`,
};

export async function startOperatedFlink(options: DeploymentOptions): Promise<OperatedFlink> {
  const { node, operator, name } = options;
  const namespace = name;
  const storage = join(node.dir, 'storage', name);
  mkdirSync(storage, { recursive: true });
  await compileSqlRunner(LINE, storage);
  await node.load(flinkImage(LINE));
  const config = new KubeConfig();
  config.loadFromFile(node.kubeconfig);
  const [core, custom] = [config.makeApiClient(CoreV1Api), config.makeApiClient(CustomObjectsApi)];
  const objects = KubernetesObjectApi.makeApiClient(config);
  const place = { ...DEPLOYMENTS, namespace, name };

  const status = async (): Promise<DeploymentStatus> =>
    ((await custom.getNamespacedCustomObject(place)) as { status?: DeploymentStatus }).status ?? {};
  const said = async (): Promise<string> => {
    const { items } = await core.listNamespacedPod({ namespace });
    const pods = items.map(async ({ metadata, status: { containerStatuses } = {} }) => {
      const pod = metadata?.name ?? '';
      const log = await core.readNamespacedPodLog({ name: pod, namespace }).catch(messageOf);
      return `== ${pod}: ${JSON.stringify(containerStatuses?.map(({ state }) => state))}\n${log.slice(-3000)}`;
    });
    return [JSON.stringify(await status()), (await operator.log()).slice(-4000), ...(await Promise.all(pods))].join(
      '\n',
    );
  };
  const until: OperatedFlink['until'] = (what, holds) =>
    pollUntil(
      what,
      async () => {
        const now = await status();
        return holds(now) ? now : undefined;
      },
      { ...POLL, within: BECOMES_MS },
    ).catch(async (cause: unknown) => {
      throw new Error(`${messageOf(cause)}\n${await said().catch(messageOf)}`, { cause });
    });
  const end = async () => {
    const gone = (read: () => Promise<unknown>) => async () =>
      read().then(
        () => undefined,
        (error: { code?: unknown }) => error.code === 404 || undefined,
      );
    await custom.deleteNamespacedCustomObject(place).catch(() => {});
    // The operator has to let it go, which in a namespace that ends it may not.
    const isThere = gone(() => custom.getNamespacedCustomObject(place));
    await pollUntil('the end of a FlinkDeployment', isThere, { ...POLL, within: GONE_MS }).catch(async (cause) => {
      throw new Error(`${messageOf(cause)}\n${(await operator.log()).slice(-3000)}`, { cause });
    });
    await core.deleteNamespace({ name: namespace });
    const namespaceIsThere = gone(() => core.readNamespace({ name: namespace }));
    await pollUntil('the end of a namespace', namespaceIsThere, { ...POLL, within: GONE_MS });
  };
  try {
    for (const object of manifestsOf(options, storage)) await objects.create(object);
    await operator.knows(`${name}-rest`, namespace);
    await until('a job that runs', ({ jobStatus }) => jobStatus?.state === 'RUNNING');
  } catch (error) {
    await end().catch(() => {});
    throw error;
  }
  return {
    namespace,
    name,
    status,
    spec: async () => ((await custom.getNamespacedCustomObject(place)) as { spec: DeploymentSpec }).spec,
    until,
    end,
  };
}

function manifestsOf({ name, statements, config = {} }: DeploymentOptions, storage: string): KubernetesObject[] {
  const namespace = name;
  const rbac = 'rbac.authorization.k8s.io';
  const metadata = { name: 'flink', namespace };
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
  const object = (apiVersion: string, kind: string, rest: object): KubernetesObject => ({ apiVersion, kind, ...rest });
  const flinkConfiguration = {
    'kubernetes.entry.path': '/scripts/entry.sh',
    'kubernetes.jobmanager.cpu.limit-factor': '20',
    'kubernetes.taskmanager.cpu.limit-factor': '20',
    'high-availability.type': 'kubernetes',
    'high-availability.storageDir': `file://${DATA}/ha`,
    'state.checkpoints.dir': `file://${DATA}/checkpoints`,
    'state.savepoints.dir': `file://${DATA}/savepoints`,
    'execution.checkpointing.interval': '2 s',
    'taskmanager.numberOfTaskSlots': '2',
    'pipeline.name': name,
    'execution.shutdown-on-application-finish': 'false',
    ...config,
  };
  const volumes = [
    { name: 'scripts', configMap: { name: 'scripts', defaultMode: 0o755 } },
    { name: 'data', hostPath: { path: storage, type: 'Directory' } },
  ];
  const volumeMounts = [
    { name: 'scripts', mountPath: '/scripts' },
    { name: 'data', mountPath: DATA },
  ];
  return [
    object('v1', 'Namespace', { metadata: { name: namespace } }),
    object('v1', 'ServiceAccount', { metadata }),
    object(`${rbac}/v1`, 'Role', {
      metadata,
      rules: [
        { apiGroups: [''], resources: ['configmaps', 'pods', 'services'], verbs },
        { apiGroups: ['apps'], resources: ['deployments', 'deployments/finalizers'], verbs },
      ],
    }),
    object(`${rbac}/v1`, 'RoleBinding', {
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: 'flink' },
      subjects: [{ kind: 'ServiceAccount', name: 'flink', namespace }],
    }),
    object('v1', 'ConfigMap', { metadata: { name: 'scripts', namespace }, data: SCRIPTS }),
    object(`${DEPLOYMENTS.group}/${DEPLOYMENTS.version}`, 'FlinkDeployment', {
      metadata: { name, namespace },
      spec: {
        image: flinkImage(LINE),
        imagePullPolicy: 'Never',
        // The newest name that this operator knows; what it asks of 1.18 it gets of 1.20.
        flinkVersion: 'v1_18',
        serviceAccount: 'flink',
        flinkConfiguration,
        podTemplate: {
          spec: {
            terminationGracePeriodSeconds: 5,
            containers: [{ name: 'flink-main-container', volumeMounts }],
            volumes,
          },
        },
        jobManager: { replicas: 2, resource: { memory: '1200m', cpu: 0.05 } },
        taskManager: { resource: { memory: '1200m', cpu: 0.05 } },
        job: {
          jarURI: `local://${DATA}/sql-runner.jar`,
          entryClass: SQL_RUNNER,
          // They are carried in a file that knows no lines within a value.
          args: statements.map((statement) => statement.replaceAll(/\s+/g, ' ')),
          parallelism: 2,
          upgradeMode: 'savepoint',
        },
      },
    }),
  ];
}
