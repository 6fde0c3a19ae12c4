/**
 * Runs the main scenario on the kept cluster, but through a target that only pretends to send signals. Prints the
 * outcome as JSON. Argument: a folder for reports.
 */
import { systemClock } from '../../src/core/clock.js';
import type { Findings } from '../../src/judge/findings.js';
import type { ClusterSource } from '../../src/run/cluster-source.js';
import { keptCluster } from '../../src/run/kept-cluster.js';
import { runSuite } from '../../src/run/suite.js';
import { loadScenarios } from '../../src/scenario/index.js';
import { findKept, joinKept, type KeptState, takeHandedOver, watchLifeline } from '../../src/target/local/index.js';
import type { Cluster } from '../../src/target/ports.js';
import { SCENARIOS } from './flinch.js';

watchLifeline();
const [reports = ''] = process.argv.slice(2);

/** Says yes to every signal and sends none. */
function pretending(real: Cluster): Cluster {
  const { processes } = real;
  return {
    ...real,
    processes: {
      identify: (node) => processes.identify(node),
      alive: (identity) => processes.alive(identity),
      start: (node) => processes.start(node),
      signal: async () => {},
    },
  };
}

function pretendingSource(state: KeptState): ClusterSource {
  const real = keptCluster(state);
  return {
    lasts: true,
    release: (sound) => real.release(sound),
    ledger: (runDir) => real.ledger(runDir),
    async acquire(options) {
      const acquired = await real.acquire(options);
      return { ...acquired, cluster: pretending(acquired.cluster) };
    },
  };
}

async function pretend(state: KeptState): Promise<number> {
  let findings: Findings | undefined;
  const code = await runSuite({
    scenarios: loadScenarios([`${SCENARIOS}kill-leader-jobmanager.yaml`]).scenarios,
    reports,
    flinch: 'test',
    clusters: () => pretendingSource(state),
    clock: systemClock,
    interrupted: new AbortController().signal,
    view: {
      started: () => {},
      failed: (_, error) => console.error(error),
      ended: (found) => {
        findings = found;
      },
    },
  });
  console.log(JSON.stringify(findings));
  return code;
}

const state = takeHandedOver<KeptState>() ?? (await findKept());
if (!state) throw new Error('there is no kept cluster');
const joined = process.env.FLINCH_INSIDE === undefined ? await joinKept(state, state) : undefined;
process.exit(joined ?? (await pretend(state)));
