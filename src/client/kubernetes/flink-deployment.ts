import type { Clock } from '../../core/clock.js';
import { isForbidden, isNotFound, type KubernetesPods } from './connection.js';
import { keepWatching } from './keep-watching.js';
import { edit } from './optimistic.js';

/** What the operator of Flink says of a cluster that it made: in its own words, as far as it has said anything. */
export interface DeploymentState {
  /** "STABLE", "UPGRADING", "SUSPENDED", ... */
  lifecycle?: string;
  /** "READY", "DEPLOYING", "MISSING", ... */
  jobManagers?: string;
  /** State of its job: "RUNNING", "RECONCILING", ... */
  job?: string;
  /** Why it does not do what is asked. */
  error?: string;
}

/** How the operator carries a job over from one cluster to the next. */
export type UpgradeMode = 'savepoint' | 'last-state' | 'stateless';

/** Whether its job is to run, or only to be able to: nothing of its cluster is there then. */
export type DesiredState = 'running' | 'suspended';

/** What is asked for of restarts: a number that is another one asks for one. */
export interface RestartOrder {
  nonce: number;
  mode?: UpgradeMode | undefined;
  /** Left as it is where absent. */
  state?: DesiredState | undefined;
}

/** The FlinkDeployment of a cluster. */
export interface FlinkDeployment {
  /** Undefined when there is none, or it may not be read. @throws FlinchError KUBERNETES; the signal's reason */
  state(signal: AbortSignal): Promise<DeploymentState | undefined>;
  /** Calls back when it has changed, or may have. It only sharpens timestamps: look as well. */
  watch(onChange: () => void): () => void;
  /** What is asked for, and the number of what the operator has carried out last. @throws FlinchError KUBERNETES; the signal's reason */
  restarts(signal: AbortSignal): Promise<{ asked: RestartOrder; done: number }>;
  /** Asks for that; returning says nothing of its effect. @throws FlinchError KUBERNETES; the signal's reason */
  ask(order: RestartOrder, signal: AbortSignal): Promise<void>;
}

export const DEPLOYMENTS = { group: 'flink.apache.org', version: 'v1beta1', plural: 'flinkdeployments' } as const;

interface Spec {
  restartNonce?: number;
  job?: { upgradeMode?: UpgradeMode; state?: DesiredState };
}
interface Status {
  /** As JSON. */
  reconciliationStatus?: { lastReconciledSpec?: string };
  lifecycleState?: string;
  jobManagerDeploymentStatus?: string;
  error?: string;
  jobStatus?: { state?: string };
}

/** @param name which is that of the cluster, too */
export function openFlinkDeployment(kubernetes: KubernetesPods, name: string, clock: Clock): FlinkDeployment {
  const { namespace } = kubernetes;
  const get = async (signal: AbortSignal) =>
    (await kubernetes.custom(
      'reading the FlinkDeployment',
      (api, options) => api.getNamespacedCustomObject({ ...DEPLOYMENTS, namespace, name }, options),
      signal,
    )) as { spec?: Spec; status?: Status };
  return {
    async state(signal) {
      try {
        return stateOf(await get(signal));
      } catch (error) {
        if (isNotFound(error) || isForbidden(error)) return undefined;
        throw error;
      }
    },
    async restarts(signal) {
      const { spec = {}, status = {} } = await get(signal);
      const done = JSON.parse(status.reconciliationStatus?.lastReconciledSpec ?? '{}') as { spec?: Spec };
      return {
        asked: { nonce: spec.restartNonce ?? 0, mode: spec.job?.upgradeMode, state: spec.job?.state ?? 'running' },
        done: done.spec?.restartNonce ?? 0,
      };
    },
    async ask({ nonce, mode, state }, signal) {
      await edit(
        name,
        () => get(signal),
        ({ spec = {}, ...rest }) => {
          const job = spec.job && { ...spec.job, ...(mode && { upgradeMode: mode }), ...(state && { state }) };
          return { ...rest, spec: { ...spec, ...(nonce !== 0 && { restartNonce: nonce }), ...(job && { job }) } };
        },
        (body) =>
          kubernetes.custom(
            'writing the FlinkDeployment',
            (api, options) => api.replaceNamespacedCustomObject({ ...DEPLOYMENTS, namespace, name, body }, options),
            signal,
          ),
      );
    },
    watch: (onChange) =>
      keepWatching((onEvent, onEnd) => kubernetes.watchCustom(DEPLOYMENTS, name, onEvent, onEnd), clock, onChange),
  };
}

function stateOf({ status = {} }: { status?: Status }): DeploymentState {
  const { lifecycleState, jobManagerDeploymentStatus, jobStatus, error } = status;
  return {
    ...(lifecycleState && { lifecycle: lifecycleState }),
    ...(jobManagerDeploymentStatus && { jobManagers: jobManagerDeploymentStatus }),
    ...(jobStatus?.state && { job: jobStatus.state }),
    ...(error && { error: error.slice(0, 500) }),
  };
}
