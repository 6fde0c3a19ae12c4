import { handOver } from '../enter.js';
import { dyingWithParent, type ReexecOptions, runWithLifeline } from '../reexec.js';
import type { KeptState } from './state.js';

/** Entering a mount namespace leaves one at its root. */
const BACK_TO = ['/bin/sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh'];

/**
 * Runs this very command again inside a kept cluster's namespaces, where `takeHandedOver` gives `handed`, and waits for
 * it. When this process dies the inner one does; the cluster stays.
 * @returns its exit code. Undefined without isolation: then this process itself can reach the cluster.
 */
export async function joinKept(
  state: KeptState,
  handed: unknown,
  options: ReexecOptions = {},
): Promise<number | undefined> {
  if (!state.world) return undefined;
  const user = state.prepared.isolation === 'user-namespace' ? ['-U', '--preserve-credentials'] : [];
  const prefix = [
    'nsenter',
    '-t',
    String(state.world.pid),
    ...user,
    '-n',
    '-m',
    '-p',
    '-u',
    '--',
    ...(await dyingWithParent()),
    ...BACK_TO,
    process.cwd(),
  ];
  const { env, discard } = handOver(handed);
  try {
    return await runWithLifeline(prefix, { ...options, env: { ...options.env, ...env } });
  } finally {
    discard();
  }
}
