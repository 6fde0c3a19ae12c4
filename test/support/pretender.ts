/**
 * Runs a scenario on the kept cluster through a target that lies in one way, and prints the findings as JSON.
 * Arguments: a folder for reports, the lie, the scenario's file.
 */
import { createServer } from 'node:net';
import { systemClock } from '../../src/core/clock.js';
import type { Findings } from '../../src/judge/findings.js';
import type { ClusterSource } from '../../src/run/cluster/cluster-source.js';
import { keptCluster } from '../../src/run/cluster/kept-cluster.js';
import { runSuite } from '../../src/run/suite.js';
import { loadScenarios } from '../../src/scenario/index.js';
import { findKept, joinKept, type KeptState, takeHandedOver, watchLifeline } from '../../src/target/local/index.js';
import type { Cluster } from '../../src/target/ports.js';
import { type Behaviour, closeMidBody, drip, hang, reset, startLyingHttp, text } from './lying-http-server.js';

watchLifeline();
const [reports = '', lie = '', scenario = ''] = process.argv.slice(2);

const REST: Readonly<Record<string, Behaviour>> = {
  'rest-hangs': hang,
  'rest-drips': drip,
  'rest-resets': reset,
  'rest-closes-mid-body': closeMidBody,
  'rest-answers-500': text('{"errors": ["out of order"]}', 500),
};

/** Says yes to every signal and sends none. */
function signalling({ processes, ...rest }: Cluster): Cluster {
  return { ...rest, processes: { ...processes, signal: async () => {} } };
}

/** Cannot start a node again. */
function startless({ processes, ...rest }: Cluster): Cluster {
  const start = async () => {
    throw new Error('no more processes');
  };
  return { ...rest, processes: { ...processes, start } };
}

async function restThat(behaviour: Behaviour, real: Cluster): Promise<Cluster> {
  const paths = ['/overview', '/jobs/overview', '/taskmanagers', '/jobmanager/config'];
  const server = await startLyingHttp(Object.fromEntries(paths.map((path) => [path, behaviour])));
  const rest = Object.fromEntries(Object.keys(real.endpoints.rest).map((node) => [node, server.url]));
  return { ...real, endpoints: { ...real.endpoints, rest } };
}

/** A broker that takes connections and says nothing. */
async function silentBroker(real: Cluster): Promise<Cluster> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { ...real, endpoints: { ...real.endpoints, brokers: [`127.0.0.1:${port}`] } };
}

async function lying(real: Cluster): Promise<Cluster> {
  const behaviour = REST[lie];
  if (behaviour) return restThat(behaviour, real);
  if (lie === 'no-signal') return signalling(real);
  if (lie === 'no-start') return startless(real);
  if (lie === 'silent-broker') return silentBroker(real);
  throw new Error(`there is no lie ${lie}`);
}

function lyingSource(state: KeptState): ClusterSource {
  const real = keptCluster(state);
  return {
    // The next run on the real cluster clears this one's job away: through lies it cannot be.
    lasts: lie.startsWith('no-'),
    replaceable: false,
    ...(real.pulse === undefined ? {} : { pulse: real.pulse }),
    release: (sound) => real.release(sound),
    ledger: (runDir) => real.ledger(runDir),
    async acquire(options) {
      const acquired = await real.acquire(options);
      return { ...acquired, cluster: await lying(acquired.cluster) };
    },
  };
}

async function pretend(state: KeptState): Promise<number> {
  let findings: Findings | undefined;
  const code = await runSuite({
    scenarios: loadScenarios([scenario]).scenarios,
    reports,
    flinch: 'test',
    clusters: () => lyingSource(state),
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
