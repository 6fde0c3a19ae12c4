import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../core/clock.js';
import type { ClusterSpec } from '../../core/scenario.js';
import { type Prepared, type RunningCluster, startCluster, watchMachine } from '../../target/local/index.js';
import type { ClusterSource } from './cluster-source.js';

export interface OwnClusterOptions {
  clock: Clock;
  preparedFor(spec: ClusterSpec): Prepared;
  /** The specs still to come, this one first: a cluster is kept up for a following run that wants the same. */
  upcoming(): readonly ClusterSpec[];
  /** Start anew for every run. */
  fresh: boolean;
  interrupted: AbortSignal;
}

/** Local clusters that this process starts, and ends at the latest with itself. */
export function ownCluster({ clock, preparedFor, upcoming, fresh, interrupted }: OwnClusterOptions): ClusterSource {
  let current: { cluster: RunningCluster; spec: ClusterSpec } | undefined;
  const nextIsSame = () => {
    const [spec, next] = upcoming();
    return !fresh && next !== undefined && isDeepStrictEqual(spec, next);
  };
  /** @param record whether what the nodes have loaded is worth archiving: a whole run is, a broken start is not */
  const stop = async (record: boolean) => {
    const cluster = current?.cluster;
    current = undefined;
    // It takes seconds, which an interrupted user should not wait for.
    await cluster?.stop({ record: record && !interrupted.aborted });
  };
  return {
    async acquire({ spec, runDir, signal, onReady }) {
      if (current && isDeepStrictEqual(current.spec, spec))
        return { cluster: current.cluster, reused: true, tookMs: 0 };
      await stop(true);
      const since = clock.mono();
      const cluster = await startCluster(spec, preparedFor(spec), { runDir, clock, signal, onReady });
      current = { cluster, spec };
      return { cluster, reused: false, tookMs: Math.round(clock.mono() - since) };
    },
    get lasts() {
      return nextIsSame();
    },
    replaceable: true,
    watchMachine: (tell) => watchMachine(clock, tell),
    async release(sound) {
      if (!sound || !nextIsSame()) await stop(sound);
    },
    ledger: (runDir) => join(runDir, 'ledger'),
  };
}
