import type { KubeConfig, Watch } from '@kubernetes/client-node';

export interface StreamOptions {
  /** Of the resource, e.g. `/api/v1/namespaces/flink/pods`. */
  path: string;
  /** Which of them: `fieldSelector`, `labelSelector`. */
  query: Readonly<Record<string, string>>;
  /** Milliseconds until it has to begin. */
  timeoutMs: number;
}

/**
 * One watch, by the library's own class.
 * @param onEvent called for each change, the first time for what there is
 * @param onEnd called once, when the server ends it, refuses it, or cannot be reached in time
 * @returns ends it, and with it both callbacks
 */
export function stream(
  Watching: typeof Watch,
  config: KubeConfig,
  { path, query, timeoutMs }: StreamOptions,
  onEvent: (phase: string, object: unknown) => void,
  onEnd: (error: unknown) => void,
): () => void {
  let open = true;
  let begun: AbortController | undefined;
  let agent: { destroy?(): void } | undefined;
  const close = () => {
    open = false;
    clearTimeout(timer);
    begun?.abort();
    // One that has not begun yet can be ended by its connection alone: the library tells of its controller afterwards.
    agent?.destroy?.();
  };
  const ended = (error: unknown) => {
    if (!open) return;
    close();
    onEnd(error);
  };
  const timer = setTimeout(() => ended(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const keeping = Object.create(config) as KubeConfig;
  keeping.applyToFetchOptions = async (options) => {
    const all = await config.applyToFetchOptions(options);
    agent = all.agent as typeof agent;
    return all;
  };
  const tell = (phase: string, object: unknown) => {
    if (open) onEvent(phase, object);
  };
  new Watching(keeping).watch(path, query, tell, ended).then((controller) => {
    clearTimeout(timer);
    begun = controller;
    if (!open) controller.abort();
  }, ended);
  return close;
}
