import { systemClock } from '../../core/clock.js';
import { connectKept, type KeptState, keptLedger, keptPulse, watchMachine } from '../../target/local/index.js';
import type { ClusterSource } from './cluster-source.js';

/** The cluster that `flinch up` left running. It stays when the run ends. */
export function keptCluster(state: KeptState): ClusterSource {
  let connection: ReturnType<typeof connectKept> | undefined;
  return {
    async acquire() {
      connection = connectKept(state);
      return { cluster: connection, reused: true, tookMs: 0 };
    },
    lasts: true,
    replaceable: false,
    pulse: keptPulse(),
    watchMachine: (tell) => watchMachine(systemClock, tell),
    async release() {
      connection?.close();
    },
    ledger: () => keptLedger(),
  };
}
