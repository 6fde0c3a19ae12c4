import type { Clock } from '../../core/clock.js';
import { isForbidden, isNotFound, type KubernetesPods } from './connection.js';
import { keepWatching } from './keep-watching.js';

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

/** The FlinkDeployment of a cluster. */
export interface FlinkDeployment {
  /** Undefined when there is none, or it may not be read. @throws FlinchError KUBERNETES; the signal's reason */
  state(signal: AbortSignal): Promise<DeploymentState | undefined>;
  /** Calls back when it has changed, or may have. It only sharpens timestamps: look as well. */
  watch(onChange: () => void): () => void;
}

export const DEPLOYMENTS = { group: 'flink.apache.org', version: 'v1beta1', plural: 'flinkdeployments' } as const;

interface Status {
  lifecycleState?: string;
  jobManagerDeploymentStatus?: string;
  error?: string;
  jobStatus?: { state?: string };
}

/** @param name which is that of the cluster, too */
export function openFlinkDeployment(kubernetes: KubernetesPods, name: string, clock: Clock): FlinkDeployment {
  const { namespace } = kubernetes;
  return {
    async state(signal) {
      try {
        const found = await kubernetes.custom(
          'reading the FlinkDeployment',
          (api, options) => api.getNamespacedCustomObject({ ...DEPLOYMENTS, namespace, name }, options),
          signal,
        );
        return stateOf(found as { status?: Status });
      } catch (error) {
        if (isNotFound(error) || isForbidden(error)) return undefined;
        throw error;
      }
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
