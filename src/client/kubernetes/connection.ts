import type {
  AppsV1Api,
  AuthorizationV1Api,
  BatchV1Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  NetworkingV1Api,
  RbacAuthorizationV1Api,
  V1ConfigMap,
  V1Job,
  V1Pod,
} from '@kubernetes/client-node';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';
import { type Forward, forward } from './forward.js';
import { type KubeconfigOptions, loadKubeconfig } from './kubeconfig.js';
import { followLog, type LogPlace } from './log.js';
import { type Access, type Rules, rulesIn } from './rules.js';
import { openShell, type Shell, type ShellPlace } from './shell.js';
import { stream } from './stream.js';

export interface KubernetesOptions extends KubeconfigOptions {
  /** That of the context unless told. */
  namespace?: string;
  /** Milliseconds for each call. */
  timeoutMs?: number;
}

/** What a call of the API takes beside its parameters. */
export type CallOptions = NonNullable<Parameters<CoreV1Api['listNamespacedConfigMap']>[1]>;

export type Call<T> = (core: CoreV1Api, options: CallOptions) => Promise<T>;
export type JobManifest = V1Job;
export type JobSpec = NonNullable<V1Job['spec']>;
export type Container = NonNullable<JobSpec['template']['spec']>['containers'][number];

/** A namespace of a Kubernetes cluster. */
export interface Kubernetes {
  readonly namespace: string;
  /** The URL of the API server. */
  readonly server: string;
  /**
   * Makes one call. @param what "listing ConfigMaps"
   * @throws FlinchError KUBERNETES; the signal's reason
   */
  call<T>(what: string, work: Call<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Tells of each change of a ConfigMap, and how it is then, the first time of what there is. When the server ends it, or cannot be reached in time,
   * `onEnd` is called, once; after the returned function was called neither is.
   */
  watchConfigMap(
    name: string,
    onEvent: (phase: string, map: V1ConfigMap) => void,
    onEnd: (error: unknown) => void,
  ): () => void;
}

/** A kind that was added to the API. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** The same, with its pods. */
export interface KubernetesPods extends Kubernetes {
  /** As `call`, for Jobs. */
  jobs<T>(what: string, work: (batch: BatchV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for Leases. */
  leases<T>(what: string, work: (api: CoordinationV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for Deployments and the like. */
  apps<T>(what: string, work: (apps: AppsV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for Roles and their bindings. */
  rbac<T>(what: string, work: (api: RbacAuthorizationV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for NetworkPolicies. */
  networking<T>(what: string, work: (api: NetworkingV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for questions of who may do what. */
  reviews<T>(what: string, work: (api: AuthorizationV1Api, options: CallOptions) => Promise<T>): Promise<T>;
  /** As `call`, for kinds that were added to the API. */
  custom<T>(
    what: string,
    work: (api: CustomObjectsApi, options: CallOptions) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /** Whether whoever asks may do that. @throws FlinchError KUBERNETES */
  may(access: Access): Promise<boolean>;
  /** What whoever asks may do, as far as roles say so. @throws FlinchError KUBERNETES */
  rules(): Promise<Rules>;
  /** As `watchConfigMap`, of an object of a kind that was added to the API. */
  watchCustom(kind: CustomKind, name: string, onEvent: () => void, onEnd: (error: unknown) => void): () => void;
  /** As `watchConfigMap`, of all pods that a selector of labels chooses; each change with its pod. */
  watchPods(labels: string, onEvent: (phase: string, pod: V1Pod) => void, onEnd: (error: unknown) => void): () => void;
  /** A shell in a container, which nobody is asked for before its first command. Its commands throw a FlinchError KUBERNETES or DEADLINE. */
  shell(place: ShellPlace): Shell;
  /** Joins a socket with a port of a pod, until either ends. Never throws: the socket is destroyed. */
  forward: Forward;
  /** Writes what a container says from its start on, until it ends or the returned function is called. */
  followLog(place: LogPlace, onText: (chunk: Buffer) => void, onEnd: () => void): () => void;
}

/** Milliseconds. A server that hangs is asked again soon enough. */
const TIMEOUT = 5_000;

/** Reads a kubeconfig; nobody is asked yet. @throws FlinchError KUBECONFIG */
export async function openKubernetes(options: KubernetesOptions = {}): Promise<KubernetesPods> {
  // Its import takes a third of a second, which no other command should pay.
  const library = await import('@kubernetes/client-node');
  const {
    AppsV1Api,
    AuthorizationV1Api,
    BatchV1Api,
    CoordinationV1Api,
    CoreV1Api,
    CustomObjectsApi,
    KubeConfig,
    NetworkingV1Api,
    RbacAuthorizationV1Api,
    setHeaderOptions,
    Watch,
  } = library;
  const { timeoutMs = TIMEOUT } = options;
  const config = new KubeConfig();
  const { cluster, namespace: own = 'default' } = loadKubeconfig(config, options);
  const { namespace = own } = options;
  const core = config.makeApiClient(CoreV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const asking = async <T>(what: string, work: (options: CallOptions) => Promise<T>, signal?: AbortSignal) => {
    try {
      const json = () => setHeaderOptions('Accept', 'application/json');
      return await withDeadline(what, timeoutMs, (limit) => work(within(limit, json())), signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw failed(what, cluster.server, error);
    }
  };
  const reviews: KubernetesPods['reviews'] = (what, work) =>
    asking(what, (options) => work(config.makeApiClient(AuthorizationV1Api), options));
  const resource = (kind: string) => `/api/v1/namespaces/${namespace}/${kind}`;
  return {
    namespace,
    server: cluster.server,
    call: (what, work, signal) => asking(what, (options) => work(core, options), signal),
    custom: (what, work, signal) =>
      asking(what, (options) => work(config.makeApiClient(CustomObjectsApi), options), signal),
    leases: (what, work) => asking(what, (options) => work(config.makeApiClient(CoordinationV1Api), options)),
    apps: (what, work) => asking(what, (options) => work(config.makeApiClient(AppsV1Api), options)),
    rbac: (what, work) => asking(what, (options) => work(config.makeApiClient(RbacAuthorizationV1Api), options)),
    networking: (what, work) => asking(what, (options) => work(config.makeApiClient(NetworkingV1Api), options)),
    reviews,
    jobs: (what, work) => asking(what, (options) => work(batch, options)),
    may: async ({ clusterWide, ...access }) => {
      const resourceAttributes = { ...access, ...(!clusterWide && { namespace }) };
      const body = { spec: { resourceAttributes } };
      const { status } = await reviews('asking for permissions', (api, options) =>
        api.createSelfSubjectAccessReview({ body }, options),
      );
      return status?.allowed === true;
    },
    rules: async () => {
      const body = { spec: { namespace } };
      const { status } = await reviews('asking for permissions', (api, options) =>
        api.createSelfSubjectRulesReview({ body }, options),
      );
      return rulesIn(status ?? { resourceRules: [] });
    },
    watchConfigMap: (name, onEvent, onEnd) => {
      const query = { fieldSelector: `metadata.name=${name}` };
      const onMap = (phase: string, map: unknown) => onEvent(phase, map as V1ConfigMap);
      return stream(Watch, config, { path: resource('configmaps'), query, timeoutMs }, onMap, onEnd);
    },
    watchCustom: ({ group, version, plural }, name, onEvent, onEnd) => {
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}`;
      const query = { fieldSelector: `metadata.name=${name}` };
      return stream(Watch, config, { path, query, timeoutMs }, () => onEvent(), onEnd);
    },
    watchPods: (labels, onEvent, onEnd) => {
      const query = { labelSelector: labels };
      const onPod = (phase: string, pod: unknown) => onEvent(phase, pod as V1Pod);
      return stream(Watch, config, { path: resource('pods'), query, timeoutMs }, onPod, onEnd);
    },
    shell: (place) => {
      const shell = openShell(new library.Exec(config), namespace, place);
      return {
        close: shell.close,
        run: (script, args, limit) =>
          shell.run(script, args, limit).catch((error) => {
            throw failed(`running a command in ${place.pod}`, cluster.server, error);
          }),
      };
    },
    forward: forward(new library.PortForward(config), namespace),
    followLog: (place, onText, onEnd) => followLog(new library.Log(config), namespace, place, onText, onEnd),
  };
}

/**
 * The library has no deadline of its own: a request takes a signal by way of a middleware alone.
 * @param base options with a middleware of the library's own, whose kind of result it does not export
 */
function within(signal: AbortSignal, base: CallOptions): CallOptions {
  const middleware = (base.middleware ?? []).map((one) => ({
    pre: (context: Parameters<typeof one.pre>[0]) => {
      context.setSignal(signal);
      return one.pre(context);
    },
    post: one.post,
  }));
  return { ...base, middleware };
}

/** What to do about the answers that people meet. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'check the credentials of the context',
  403: 'have it allowed, or use another context',
};

function failed(what: string, server: string, error: unknown): FlinchError {
  const { code, body } = error as { code?: unknown; body?: unknown };
  const status = typeof code === 'number' ? code : undefined;
  const why = status === undefined ? messageOf(error) : `it answered ${status}: ${messageIn(body)}`;
  const advice = status === undefined ? undefined : ADVICE[status];
  return new FlinchError('KUBERNETES', {
    what: `${what}: ${why}`,
    on: server,
    ...(advice === undefined ? {} : { todo: advice }),
    cause: error,
  });
}

/** The server's own words: a Status, parsed or not. */
function messageIn(body: unknown): string {
  let status = body;
  if (typeof body === 'string') {
    try {
      status = JSON.parse(body);
    } catch {
      return body.slice(0, 200);
    }
  }
  const { message } = (status ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : 'no reason given';
}

const answered = (error: unknown, status: number): boolean =>
  error instanceof FlinchError && (error.cause as { code?: unknown } | undefined)?.code === status;

/** Whether the server said that it is not there. */
export const isNotFound = (error: unknown): boolean => answered(error, 404);
/** Whether the server said that whoever asks may not. */
export const isForbidden = (error: unknown): boolean => answered(error, 403);
/** Whether the server said that it may not be done now, by a budget of disruptions. */
export const isTooMany = (error: unknown): boolean => answered(error, 429);
/** Whether the server said that it is not as whoever asked had seen it, or that there is one already. */
export const isConflict = (error: unknown): boolean => answered(error, 409);
/** Whether the server said that what was asked for makes no sense: of a patch, that what it tests is not so. */
export const isInvalid = (error: unknown): boolean => answered(error, 422);
