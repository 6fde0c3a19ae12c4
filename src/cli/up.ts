import { fileURLToPath } from 'node:url';
import { systemClock } from '../core/clock.js';
import { FlinchError } from '../core/error.js';
import { ownModule } from '../core/own-module.js';
import { formatDuration } from '../core/units.js';
import { interruptible } from '../run/safety/interrupt.js';
import { loadScenarios } from '../scenario/index.js';
import { keepCluster } from '../target/local/index.js';
import { chooseFlink, type FlinkChoice, prepareAll } from './resolve.js';

/** What the daemon calls to heal. */
const MAIN = ownModule('./main', import.meta.url);

/** Whose cluster is started when none is named: the one that comes with Flinch. */
const USUAL = fileURLToPath(new URL('../../scenarios/kill-leader-jobmanager.yaml', import.meta.url));

/** Starts a cluster that outlives this command. */
export async function up(scenario: string | undefined, options: FlinkChoice & { port?: number }): Promise<number> {
  const { scenarios } = loadScenarios([scenario ?? USUAL]);
  const [loaded, second] = scenarios;
  if (!loaded || second) {
    throw new FlinchError('USAGE', { what: `${scenario} holds ${scenarios.length} scenarios`, todo: 'name one file' });
  }
  const spec = chooseFlink(loaded.scenario.cluster, options);
  const prepared = (await prepareAll([spec], options))[spec.flink];
  if (!prepared) throw new FlinchError('INTERNAL', { what: `nothing was prepared for Flink ${spec.flink}` });
  const { signal, release } = interruptible((line) => void process.stderr.write(`${line}\n`));
  const began = systemClock.mono();
  try {
    const state = await keepCluster(spec, prepared, {
      port: options.port,
      clock: systemClock,
      signal,
      healer: [process.execPath, ...process.execArgv, fileURLToPath(MAIN.url)],
      onReady: (node) => void process.stderr.write(`  ${node} is up\n`),
    });
    const took = formatDuration(systemClock.mono() - began);
    process.stdout.write(
      `Flink ${prepared.flinkVersion} is up after ${took}, isolation ${prepared.isolation}\n` +
        `web UI: ${state.webUi}\nlogs: ${state.runDir}/logs\nend it with: flinch down\n`,
    );
    return 0;
  } finally {
    release();
  }
}
