import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { FlinchError, messageOf } from '../core/error.js';
import { SEEDS } from '../core/pick.js';
import { requiresOf } from '../fault/schemas.js';
import { refuseLacking } from '../run/safety/guards.js';
import { takeLock } from '../run/safety/lock.js';
import { announceRun } from '../run/safety/running.js';
import { byCluster, describePlan, type LoadedScenario, withSeed } from '../scenario/index.js';
import {
  enter,
  findKept,
  joinKept,
  type KeptState,
  keptLock,
  misfit,
  misfitOfFlink,
  type Prepared,
} from '../target/local/index.js';
import { scenariosOf } from './again.js';
import { carryOut, type Order } from './inside.js';
import type { KubernetesChoice } from './kubernetes-options.js';
import type { RunnerChoice } from './print-runner.js';
import { chooseFlink, type FlinkChoice, prepareAll } from './resolve.js';

export interface RunOptions extends FlinkChoice, KubernetesChoice, RunnerChoice {
  reports: string;
  reporter?: string;
  reporterOption: Record<string, string>;
  dryRun?: boolean;
  seed?: number;
  fresh?: boolean;
}

/** Runs scenarios: checks everything that can be checked first, then goes where the cluster is. */
export async function run(paths: readonly string[], options: RunOptions): Promise<number> {
  if (options.manifest) return (await import('./print-runner.js')).printRun(paths, options);
  if (options.target === 'kubernetes') return (await import('./run-on-pods.js')).runOnPods(paths, options);
  const chosen = scenariosOf(paths).map((loaded) => {
    const scenario = { ...loaded.scenario, cluster: chooseFlink(loaded.scenario.cluster, options) };
    return { ...loaded, scenario: withSeed(scenario, options.seed, () => randomInt(SEEDS)) };
  });
  const scenarios = options.fresh ? chosen : byCluster(chosen);
  if (options.reporter) (await import('../run/mocha/mocha-reporters.js')).checkReporter(options.reporter);
  if (options.dryRun) return dryRun(scenarios, options);
  const reports = reportsFolder(options.reports);
  const prepared = await prepareAll(
    scenarios.map(({ scenario }) => scenario.cluster),
    options,
  );
  guard(scenarios, prepared);
  const kept = options.fresh ? undefined : await fitting(scenarios, prepared);
  if (!kept) refuseToAttach(scenarios);
  const order: Order = {
    verb: 'run',
    scenarios,
    prepared,
    reports,
    reporterOptions: options.reporterOption,
    fresh: options.fresh === true,
    ...(options.reporter === undefined ? {} : { reporter: options.reporter }),
    ...(kept ? { kept } : {}),
  };
  for (const { scenario: it } of scenarios) {
    if (it.seed === undefined) continue;
    process.stderr.write(`${it.name} leaves to chance: seed ${it.seed}; the same again with --seed ${it.seed}\n`);
  }
  const release = kept ? takeLock(keptLock()) : () => {};
  const names = scenarios.map(({ scenario }) => scenario.name);
  const takeBack = announceRun(names, (line) => void process.stderr.write(`${line}\n`));
  try {
    return (await whereTheClusterIs(order)) ?? (await carryOut(order));
  } finally {
    takeBack();
    release();
  }
}

/** @returns the exit code; undefined where this process itself reaches the cluster */
function whereTheClusterIs(order: Extract<Order, { verb: 'run' }>): Promise<number | undefined> {
  if (order.kept) return joinKept(order.kept, order);
  const [first] = Object.values(order.prepared);
  return enter(first?.isolation ?? 'none', order);
}

function guard(scenarios: readonly LoadedScenario[], prepared: Record<string, Prepared>): void {
  for (const { scenario } of scenarios) {
    const lacking = prepared[scenario.cluster.flink]?.lacking ?? {};
    refuseLacking(scenario, lacking, requiresOf);
  }
}

/** A cluster that is only started now has no job of somebody else. @throws FlinchError NO_CLUSTER */
function refuseToAttach(scenarios: readonly LoadedScenario[]): void {
  const attached = scenarios.find(({ scenario }) => scenario.workload.job === 'attached');
  if (!attached) return;
  throw new FlinchError('NO_CLUSTER', {
    what: `${attached.scenario.name} attaches to a job, and there is no kept cluster that fits and could run it`,
    on: attached.file,
    todo: `start one with: flinch up ${attached.file}; then submit the job there`,
  });
}

/** The kept cluster, where it fits every scenario; said why not, where it does not. */
async function fitting(
  scenarios: readonly LoadedScenario[],
  prepared: Record<string, Prepared>,
): Promise<KeptState | undefined> {
  const kept = await findKept();
  if (!kept) return undefined;
  for (const { scenario } of scenarios) {
    const wanted = prepared[scenario.cluster.flink];
    const why = misfit(kept.spec, scenario.cluster) ?? (wanted && misfitOfFlink(kept.prepared, wanted));
    if (why === undefined) continue;
    process.stderr.write(`the kept cluster does not fit ${scenario.name}: ${why}; starting another one\n`);
    return undefined;
  }
  return kept;
}

/** Prints what would happen: targets and guards are resolved, nothing is started. */
async function dryRun(scenarios: readonly LoadedScenario[], options: RunOptions): Promise<number> {
  const { decideIsolation, lackingOf, releaseFor } = await import('../target/local/index.js');
  const decision = await decideIsolation();
  for (const { scenario, file } of scenarios) {
    refuseLacking(scenario, lackingOf(decision), requiresOf);
    const version = options.flinkHome ?? releaseFor(options.flink ?? scenario.cluster.flink).version;
    const plan = [`${file}`, ...describePlan(scenario).map((line) => `  ${line}`)];
    const why = decision.reason === undefined ? '' : ` (${decision.reason}; to allow more: ${decision.allow})`;
    plan.push(`  target: local, Flink ${version}, isolation ${decision.isolation}${why}`);
    process.stdout.write(`${plan.join('\n')}\n`);
  }
  const kept = options.fresh ? undefined : await findKept();
  if (!kept) return 0;
  process.stdout.write(
    `a kept cluster is up (Flink ${kept.prepared.flinkVersion}, ${kept.webUi}); it is used where it fits\n`,
  );
  const fit = scenarios.filter(({ scenario }) => misfit(kept.spec, scenario.cluster) === undefined);
  const order: Order = { verb: 'plan', scenarios: fit, kept };
  return (await joinKept(kept, order)) ?? (await carryOut(order));
}

export function reportsFolder(dir: string): string {
  const folder = resolve(dir);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new FlinchError('JOURNAL_WRITE', {
      what: `the folder for reports cannot be made: ${messageOf(cause)}`,
      on: folder,
      todo: 'choose another folder with --reports',
      cause,
    });
  }
  return folder;
}
