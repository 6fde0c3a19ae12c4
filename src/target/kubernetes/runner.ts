import type { Container, JobManifest, JobSpec } from '../../client/kubernetes/connection.js';

/** A command of Flinch that is carried out inside the cluster. */
export interface Runner {
  /** Of all that is made for this command alone. */
  name: string;
  namespace: string;
  /** Of the Flink cluster: its runs share a volume. */
  cluster: string;
  image: string;
  /** Of `flinch`. */
  args: readonly string[];
  /** Texts by file name, which are in `SCENARIO_FOLDER`; empty where the command needs none. */
  scenarios: Readonly<Record<string, string>>;
  /** When to run, as cron has it, in UTC; once unless told. */
  schedule?: string;
}

/** Where scenarios are in its container, and reports. */
export const SCENARIO_FOLDER = '/scenarios';
export const REPORT_FOLDER = '/work/reports';
const [VOLUME_FOLDER, STATE_FOLDER] = ['/work', '/work/state'];
/** Made by `manifest` of permissions. */
const ACCOUNT = 'flinch';
/** Of the image. */
const USER = 1000;
/** Seconds for a scenario; every wait in it has a shorter deadline of its own. */
const SCENARIO_WITHIN = 3600;
/** Seconds: to heal two faults at 200 s each, cancel the job, delete its topics and take hands away. */
const GRACE = 600;
/** Seconds after its time that a scheduled run may still begin. */
const LATE = 600;

/** Seconds for one that waits for a run to end, and heals in place of it. */
const KEEPER_WITHIN = 24 * 3600;

/** A Job that heals what a run leaves that dies: it needs nothing of the machine of the run. */
export function keeperManifest(keeper: Omit<Runner, 'scenarios' | 'schedule'>): JobManifest {
  const { name, namespace } = keeper;
  // Not those of hands, which a run sweeps away.
  const labels = { 'app.kubernetes.io/name': 'flinch', 'app.kubernetes.io/instance': name };
  // It is tried again: nobody else heals.
  const { podFailurePolicy: _, ...job } = jobOf({ ...keeper, scenarios: {} }, undefined, labels);
  return {
    metadata: { name, namespace, labels },
    spec: { ...job, backoffLimit: 3, activeDeadlineSeconds: KEEPER_WITHIN, ttlSecondsAfterFinished: 0 },
  };
}

/** A volume for what runs write, their scenarios, and a Job or CronJob. */
export function runnerManifest(runner: Runner): object[] {
  const { name, namespace, cluster, scenarios, schedule } = runner;
  const claim = `flinch-${cluster}`;
  // Not those of hands, which a run sweeps away.
  const labels = { 'app.kubernetes.io/name': 'flinch', 'app.kubernetes.io/instance': name };
  const metadata = { name, namespace, labels };
  const job = jobOf(runner, claim, labels);
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace, labels: { 'app.kubernetes.io/name': 'flinch' } },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    ...(isEmpty(scenarios) ? [] : [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: scenarios }]),
    schedule === undefined
      ? { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: job }
      : {
          apiVersion: 'batch/v1',
          kind: 'CronJob',
          metadata,
          spec: {
            schedule,
            timeZone: 'Etc/UTC',
            concurrencyPolicy: 'Forbid',
            startingDeadlineSeconds: LATE,
            successfulJobsHistoryLimit: 3,
            failedJobsHistoryLimit: 3,
            jobTemplate: { metadata: { labels }, spec: job },
          },
        },
  ];
}

const isEmpty = (it: object): boolean => Object.keys(it).length === 0;

/** @param claim of the volume that its runs share; without one it keeps nothing */
function jobOf(runner: Runner, claim: string | undefined, labels: Record<string, string>): JobSpec {
  const { scenarios } = runner;
  return {
    // A verdict is not tried again.
    backoffLimit: 0,
    // So that the Job's own condition names the exit code.
    podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [0] } }] },
    activeDeadlineSeconds: SCENARIO_WITHIN * Math.max(1, Object.keys(scenarios).length),
    template: {
      metadata: { labels, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } },
      spec: {
        serviceAccountName: ACCOUNT,
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: GRACE,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        // A machine that a killed run left cordoned may be the one that has the volume: whoever heals it has to get there.
        tolerations: [{ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }],
        containers: [containerOf(runner)],
        volumes: [
          claim === undefined
            ? { name: 'work', emptyDir: {} }
            : { name: 'work', persistentVolumeClaim: { claimName: claim } },
          { name: 'tmp', emptyDir: {} },
          ...(isEmpty(scenarios) ? [] : [{ name: 'scenarios', configMap: { name: runner.name } }]),
        ],
      },
    },
  };
}

function containerOf({ image, args, scenarios }: Runner): Container {
  return {
    name: 'flinch',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [...args],
    env: [{ name: 'FLINCH_STATE', value: STATE_FOLDER }],
    // How the brokers of a job that is attached to are spoken to.
    envFrom: [{ secretRef: { name: 'flinch-kafka', optional: true } }],
    // The end of what it said stays in its status.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    // No limit of CPU: whoever measures must not be made to wait.
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'work', mountPath: VOLUME_FOLDER },
      { name: 'tmp', mountPath: '/tmp' },
      ...(isEmpty(scenarios) ? [] : [{ name: 'scenarios', mountPath: SCENARIO_FOLDER, readOnly: true }]),
    ],
  };
}
