import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { withDeadline } from '../../core/deadline.js';
import { FlinchError, messageOf } from '../../core/error.js';

export interface KubernetesOptions {
  /** A kubeconfig; where kubectl finds one unless told: $KUBECONFIG, ~/.kube/config, or the service account of a pod. */
  kubeconfig?: string;
  /** A context of it; its current one unless told. */
  context?: string;
  /** That of the context unless told. */
  namespace?: string;
  /** Milliseconds for each call. */
  timeoutMs?: number;
}

/** What a call of the API takes beside its parameters. */
export type CallOptions = NonNullable<Parameters<CoreV1Api['listNamespacedConfigMap']>[1]>;

/** A namespace of a Kubernetes cluster. */
export interface Kubernetes {
  readonly namespace: string;
  /** The URL of the API server. */
  readonly server: string;
  /**
   * Makes one call. @param what "listing ConfigMaps"
   * @throws FlinchError KUBERNETES; the signal's reason
   */
  call<T>(what: string, work: (core: CoreV1Api, options: CallOptions) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /**
   * Tells of each change of a ConfigMap, the first time of what there is. When the server ends it, or cannot be reached in time,
   * `onEnd` is called, once; after the returned function was called neither is.
   */
  watchConfigMap(name: string, onEvent: () => void, onEnd: (error: unknown) => void): () => void;
}

/** Milliseconds. A server that hangs is asked again soon enough. */
const TIMEOUT = 5_000;
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** Reads a kubeconfig; nobody is asked yet. @throws FlinchError KUBECONFIG */
export async function openKubernetes(options: KubernetesOptions = {}): Promise<Kubernetes> {
  // Its import takes a third of a second, which no other command should pay.
  const { CoreV1Api, KubeConfig, setHeaderOptions, Watch } = await import('@kubernetes/client-node');
  const { timeoutMs = TIMEOUT } = options;
  const config = load(new KubeConfig(), options);
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  const context = config.getCurrentContext();
  if (!cluster || !user) {
    const known = config.contexts.map(({ name }) => name).join(', ');
    const what = context ? `its context ${context} is not whole` : 'it has no current context';
    throw refused(what, options, known === '' ? 'it names no context' : `name one with --context: ${known}`);
  }
  const core = config.makeApiClient(CoreV1Api);
  const namespace = options.namespace ?? config.getContextObject(context)?.namespace ?? 'default';
  return {
    namespace,
    server: cluster.server,
    call: async (what, work, signal) => {
      try {
        return await withDeadline(
          what,
          timeoutMs,
          (limit) => work(core, within(limit, setHeaderOptions('Accept', 'application/json'))),
          signal,
        );
      } catch (error) {
        signal?.throwIfAborted();
        throw failed(what, cluster.server, error);
      }
    },
    watchConfigMap: (name, onEvent, onEnd) => {
      let open = true;
      const close = () => {
        open = false;
        clearTimeout(timer);
        started?.abort();
        // A watch that has not begun yet can be ended by its connection alone.
        agent?.destroy?.();
      };
      const ended = (error: unknown) => {
        if (!open) return;
        close();
        onEnd(error);
      };
      const timer = setTimeout(() => ended(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      let started: AbortController | undefined;
      let agent: { destroy?(): void } | undefined;
      const keeping = Object.create(config) as KubeConfig;
      keeping.applyToFetchOptions = async (options) => {
        const all = await config.applyToFetchOptions(options);
        agent = all.agent as typeof agent;
        return all;
      };
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const query = { fieldSelector: `metadata.name=${name}` };
      const tell = () => {
        if (open) onEvent();
      };
      new Watch(keeping).watch(path, query, tell, ended).then((controller) => {
        clearTimeout(timer);
        started = controller;
        if (!open) controller.abort();
      }, ended);
      return close;
    },
  };
}

function load(config: KubeConfig, { kubeconfig, context }: KubernetesOptions): KubeConfig {
  const files = kubeconfig === undefined ? usualFiles() : [kubeconfig];
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw refused('it is not there', { kubeconfig: missing }, 'check the path');
  if (files.length === 0 && !existsSync(ACCOUNT)) {
    // The library would take a server on this host for the cluster.
    throw refused('there is none', {}, 'name one with --kubeconfig, or set KUBECONFIG');
  }
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (error) {
    throw refused(`it cannot be read: ${messageOf(error)}`, { kubeconfig: files.join(', ') }, 'check it', error);
  }
  if (context !== undefined) {
    if (!config.getContextObject(context)) {
      const known = config.contexts.map(({ name }) => name).join(', ');
      throw refused(`it has no context ${context}`, { kubeconfig: files.join(', ') }, `write one of ${known}`);
    }
    config.setCurrentContext(context);
  }
  return config;
}

/** Those that kubectl reads as well. */
function usualFiles(): string[] {
  const { KUBECONFIG } = process.env;
  if (KUBECONFIG) return KUBECONFIG.split(delimiter).filter((file) => file !== '');
  const usual = join(homedir(), '.kube', 'config');
  return existsSync(usual) ? [usual] : [];
}

const refused = (what: string, { kubeconfig }: KubernetesOptions, todo: string, cause?: unknown): FlinchError =>
  new FlinchError('KUBECONFIG', { what, on: kubeconfig ?? 'a kubeconfig', todo, cause });

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

/** Whether the server said that it is not there. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof FlinchError && (error.cause as { code?: unknown } | undefined)?.code === 404;
