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

/** What is asked for of restarts: a number that is another one asks for one. */
export interface RestartOrder {
  nonce: number;
  mode?: UpgradeMode | undefined;
}

/** What is asked for, and how far the operator is with it: of one moment. */
export interface Operated {
  state: DeploymentState;
  /** Whether what the operator says is of what is asked for now, and not of something earlier. */
  current: boolean;
  asked: RestartOrder;
  /** The number of what it has carried out last. */
  done: number;
  /** By whose will its job is only to be able to run; undefined where it is to run. */
  suspendedBy?: string;
}

/** The FlinkDeployment of a cluster. */
export interface FlinkDeployment {
  /** Undefined when there is none, or it may not be read. @throws FlinchError KUBERNETES; the signal's reason */
  state(signal: AbortSignal): Promise<DeploymentState | undefined>;
  /** Calls back when it has changed, or may have. It only sharpens timestamps: look as well. */
  watch(onChange: () => void): () => void;
  /** All of it, with one request. @throws FlinchError KUBERNETES; the signal's reason */
  look(signal: AbortSignal): Promise<Operated>;
  /** Asks for that; returning says nothing of its effect. @throws FlinchError KUBERNETES; the signal's reason */
  ask(order: RestartOrder, signal: AbortSignal): Promise<void>;
  /** Asks for that; one that is suspended already is left as it is. @throws FlinchError KUBERNETES; the signal's reason */
  suspend(by: string, signal: AbortSignal): Promise<void>;
  /** Asks for its job to run; what somebody else has suspended is left as it is. @throws FlinchError KUBERNETES; the signal's reason */
  resume(by: string, signal: AbortSignal): Promise<void>;
}

/** Who has suspended it, written on it: nobody else's suspension is ever ended. */
const OWNER = 'flinch/suspended-by';

export const DEPLOYMENTS = { group: 'flink.apache.org', version: 'v1beta1', plural: 'flinkdeployments' } as const;

interface Spec {
  restartNonce?: number;
  job?: { upgradeMode?: UpgradeMode; state?: 'running' | 'suspended' };
}
interface Status {
  /** As JSON. */
  reconciliationStatus?: { lastReconciledSpec?: string };
  /** Since 1.8; before, it is beside the last spec that was reconciled. */
  observedGeneration?: number;
  lifecycleState?: string;
  jobManagerDeploymentStatus?: string;
  error?: string;
  jobStatus?: { state?: string };
}

/** What was reconciled last. */
interface Reconciled {
  spec?: Spec;
  resource_metadata?: { metadata?: { generation?: number } };
}

interface Deployment {
  metadata?: { annotations?: Record<string, string>; generation?: number };
  spec?: Spec;
  status?: Status;
}

/** @param name which is that of the cluster, too */
export function openFlinkDeployment(kubernetes: KubernetesPods, name: string, clock: Clock): FlinkDeployment {
  const { namespace } = kubernetes;
  const get = async (signal: AbortSignal) =>
    (await kubernetes.custom(
      'reading the FlinkDeployment',
      (api, options) => api.getNamespacedCustomObject({ ...DEPLOYMENTS, namespace, name }, options),
      signal,
    )) as Deployment;
  const change = (to: (now: Deployment) => Deployment | undefined, signal: AbortSignal): Promise<boolean> =>
    edit(
      name,
      () => get(signal),
      to,
      (body) =>
        kubernetes.custom(
          'writing the FlinkDeployment',
          (api, options) => api.replaceNamespacedCustomObject({ ...DEPLOYMENTS, namespace, name, body }, options),
          signal,
        ),
    );
  return {
    async state(signal) {
      try {
        return stateOf(await get(signal));
      } catch (error) {
        if (isNotFound(error) || isForbidden(error)) return undefined;
        throw error;
      }
    },
    async look(signal) {
      const deployment = await get(signal);
      const { metadata: { annotations = {}, generation = 0 } = {}, spec = {}, status = {} } = deployment;
      const last = JSON.parse(status.reconciliationStatus?.lastReconciledSpec ?? '{}') as Reconciled;
      const seen = status.observedGeneration ?? last.resource_metadata?.metadata?.generation;
      return {
        state: stateOf(deployment),
        // One that does not tell is believed.
        current: seen === undefined || seen >= generation,
        asked: { nonce: spec.restartNonce ?? 0, mode: spec.job?.upgradeMode },
        done: last.spec?.restartNonce ?? 0,
        ...(spec.job?.state === 'suspended' && { suspendedBy: annotations[OWNER] ?? 'somebody else' }),
      };
    },
    async ask({ nonce, mode }, signal) {
      await change(({ spec = {}, ...rest }) => {
        const job = spec.job && { ...spec.job, ...(mode && { upgradeMode: mode }) };
        return { ...rest, spec: { ...spec, ...(nonce !== 0 && { restartNonce: nonce }), ...(job && { job }) } };
      }, signal);
    },
    async suspend(by, signal) {
      await change(({ metadata, spec, ...rest }) => {
        if (spec?.job?.state === 'suspended') return undefined;
        const annotations = { ...metadata?.annotations, [OWNER]: by };
        return {
          ...rest,
          metadata: { ...metadata, annotations },
          spec: { ...spec, job: { ...spec?.job, state: 'suspended' } },
        };
      }, signal);
    },
    async resume(by, signal) {
      await change(({ metadata, spec, ...rest }) => {
        const { [OWNER]: owner, ...annotations } = metadata?.annotations ?? {};
        if (owner !== by) return undefined;
        return {
          ...rest,
          metadata: { ...metadata, annotations },
          spec: { ...spec, job: { ...spec?.job, state: 'running' } },
        };
      }, signal);
    },
    watch: (onChange) =>
      keepWatching((onEvent, onEnd) => kubernetes.watchCustom(DEPLOYMENTS, name, onEvent, onEnd), clock, onChange),
  };
}

function stateOf({ status = {} }: Deployment): DeploymentState {
  const { lifecycleState, jobManagerDeploymentStatus, jobStatus, error } = status;
  return {
    ...(lifecycleState && { lifecycle: lifecycleState }),
    ...(jobManagerDeploymentStatus && { jobManagers: jobManagerDeploymentStatus }),
    ...(jobStatus?.state && { job: jobStatus.state }),
    ...(error && { error: error.slice(0, 500) }),
  };
}
