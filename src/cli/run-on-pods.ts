import { randomInt } from 'node:crypto';
import { systemClock } from '../core/clock.js';
import { ExitCode, FlinchError, messageOf } from '../core/error.js';
import { SEEDS } from '../core/pick.js';
import type { ClusterSpec, FlinkLine } from '../core/scenario.js';
import { FLINK_LINES } from '../core/scenario.js';
import { requiresOf } from '../fault/schemas.js';
import { type KubernetesSourceOptions, kubernetesCluster } from '../run/cluster/kubernetes-cluster.js';
import { podsState } from '../run/cluster/pods-state.js';
import { refuseLacking } from '../run/safety/guards.js';
import { healPods } from '../run/safety/heal-pods.js';
import { interruptible } from '../run/safety/interrupt.js';
import { takeLock } from '../run/safety/lock.js';
import { announceRun } from '../run/safety/running.js';
import { runSuite } from '../run/suite.js';
import { BESIDE_OTHERS, describePlan, type LoadedScenario, withSeed } from '../scenario/index.js';
import {
  CLUSTER_WIDE,
  type ClusterLock,
  forbiddenAt,
  type Keeper,
  type KubernetesCluster,
  type KubernetesPlace,
  NEEDS,
  type Need,
  OF_OPERATOR,
  openKubernetesCluster,
  placeName,
  placeNamespace,
  sendKeeper,
  takeClusterLock,
} from '../target/kubernetes/index.js';
import { scenariosOf } from './again.js';
import { refuseNamespace } from './allowed-namespaces.js';
import { healAsBefore } from './heal-on-pods.js';
import { securityFromEnvironment } from './kafka-options.js';
import { placeOf } from './kubernetes-options.js';
import { placeArgs } from './place-args.js';
import { isBeside, refuseOnPods } from './refused-on-pods.js';
import { type RunOptions, reportsFolder } from './run.js';
import { flinchVersion } from './version.js';
import { suiteViewOf } from './view/suite-view.js';

/** What is needed for faults that somebody else does, by what `via` names. */
const BY_OTHERS: Readonly<Record<string, Need>> = { 'chaos-mesh': 'chaosMesh', 'network-policy': 'networkPolicy' };

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs scenarios on a cluster in pods, from where its API server is reached. */
export async function runOnPods(paths: readonly string[], options: RunOptions): Promise<number> {
  const place = placeOf(options);
  const loaded = scenariosOf(paths);
  refuseOnPods(loaded, options);
  if (options.reporter) (await import('../run/mocha/mocha-reporters.js')).checkReporter(options.reporter);
  refuseNamespace(await placeNamespace(place));
  if (place.operatorNamespace !== undefined) refuseNamespace(place.operatorNamespace);
  const name = await placeName(place);
  await refuseForbidden(loaded, place, name, options);
  const state = podsState(name);
  const release = takeLock(state.lock);
  // Before anything is healed: whoever is told to end then does not begin a run.
  const interrupt = interruptible(say);
  let lock: ClusterLock | undefined;
  let keeper: Keeper | undefined;
  let found: KubernetesCluster | undefined;
  try {
    // What only looks keeps nobody away.
    if (!options.dryRun) lock = await takeClusterLock(place, { home: state.ledger, clock: systemClock, say });
    interrupt.signal.throwIfAborted();
    if (lock?.left !== undefined) state.adopt(lock.left);
    if (!options.dryRun && state.open().length > 0) await healAsBefore(place, state);
    found = await openKubernetesCluster(place, systemClock);
    const scenarios = fitted(loaded, found, options);
    if (!lock) return tellPlan(scenarios, found);
    await healPods(found, place, state.ledger, systemClock, say);
    if (options.keeperImage !== undefined) {
      // Whoever is inside reaches pods by what works there.
      const inside = placeArgs({ ...place, reach: 'auto' }, await placeNamespace(place));
      const args = ['heal', '--when-dead', ...inside];
      keeper = await sendKeeper(place, { image: options.keeperImage, args, clock: systemClock });
    }
    interrupt.signal.throwIfAborted();
    const interrupted = AbortSignal.any([interrupt.signal, lock.lost]);
    return await runAll(scenarios, options, { place, found, state, note: lock.note }, interrupted);
  } finally {
    await found?.close().catch((error) => say(`the cluster was not let go: ${messageOf(error)}`));
    // What is left then others have to know.
    await lock?.note(state.told()).catch((error) => say(`only this machine knows what is left: ${messageOf(error)}`));
    // It heals what this run could not, once the lock is free.
    if (state.open().length === 0)
      await keeper?.end().catch((error) => say(`the keeper ends by itself: ${messageOf(error)}`));
    await lock?.release();
    interrupt.release();
    release();
  }
}

/** The scenarios as they are on this cluster. @throws FlinchError CAPABILITY_MISSING, NO_CLUSTER */
function fitted(loaded: readonly LoadedScenario[], found: KubernetesCluster, { seed }: RunOptions): LoadedScenario[] {
  return loaded.map((it) => {
    refuseLacking(it.scenario, found.lacking, requiresOf);
    const cluster = asFound(it.scenario.cluster, found, it.file);
    // Others use it too.
    const scenario = { ...it.scenario, cluster, guards: it.scenario.guards ?? BESIDE_OTHERS };
    return { ...it, scenario: withSeed(scenario, seed, () => randomInt(SEEDS)) };
  });
}

async function runAll(
  scenarios: LoadedScenario[],
  options: RunOptions,
  where: Pick<KubernetesSourceOptions, 'place' | 'found' | 'state' | 'note'>,
  interrupted: AbortSignal,
): Promise<number> {
  const clock = systemClock;
  const shown = suiteViewOf(scenarios, options.reporter, clock);
  const takeBack = announceRun(
    scenarios.map(({ scenario }) => scenario.name),
    say,
  );
  try {
    const code = await runSuite({
      scenarios,
      reports: reportsFolder(options.reports),
      flinch: flinchVersion(),
      clusters: (upcoming) => kubernetesCluster({ ...where, clock, beside: () => isBeside(upcoming()[0]) }),
      reporter: options.reporter,
      reporterOptions: options.reporterOption,
      clock,
      interrupted,
      security: scenarios.some(({ scenario }) => scenario.workload.job === 'attached')
        ? securityFromEnvironment()
        : undefined,
      view: shown.view,
    });
    shown.summary();
    return code;
  } finally {
    shown.stop();
    takeBack();
  }
}

/** @throws FlinchError CAPABILITY_MISSING with everything that is not allowed */
async function refuseForbidden(
  scenarios: readonly LoadedScenario[],
  place: KubernetesPlace,
  name: string,
  { dryRun = false, keeperImage }: RunOptions,
): Promise<void> {
  const faults = scenarios.flatMap(({ scenario }) => scenario.faults);
  const needs = new Set<Need>(['always', ...(keeperImage === undefined ? [] : (['keeper'] as const))]);
  if (place.reach === 'forward') needs.add('forward');
  if (scenarios.some(({ scenario }) => isBeside(scenario))) needs.add('hands');
  for (const { kind, options } of faults) {
    const via = BY_OTHERS[String(options.via)];
    if (via) needs.add(via);
    else for (const need of NEEDS) if (need === kind) needs.add(need);
  }
  const forbidden = await forbiddenAt(place, needs, { each: dryRun });
  if (forbidden.length === 0) return;
  const missing = (where: string) => forbidden.some((line) => line.includes(where));
  const also = [
    ...(missing(CLUSTER_WIDE) ? ['--cluster-wide'] : []),
    ...(missing(OF_OPERATOR) ? [`--operator-namespace ${place.operatorNamespace}`] : []),
  ];
  throw new FlinchError('CAPABILITY_MISSING', {
    what: `Kubernetes does not allow what this needs:\n${forbidden.map((line) => `  ${line}`).join('\n')}\n`,
    on: name,
    todo: `grant it; a Role with all of it: ${['flinch doctor --target kubernetes --manifest', ...also].join(' ')}`,
  });
}

/** The cluster of the scenario as it really is. @throws FlinchError NO_CLUSTER where it is less than the scenario asks for */
function asFound(wanted: ClusterSpec, { found, name }: KubernetesCluster, file: string): ClusterSpec {
  const count = (role: string) => found.nodes.filter((node) => node.role === role).length;
  const [jobManagers, taskManagers] = [count('jobmanager'), count('taskmanager')];
  const slots = taskManagers === 0 ? 0 : Math.floor(found.slotsTotal / taskManagers);
  const line = found.flinkVersion.split('.').slice(0, 2).join('.');
  const known = (FLINK_LINES as readonly string[]).includes(line);
  const lacks = [
    ...(jobManagers < wanted.jobManagers ? [`${jobManagers} of ${wanted.jobManagers} JobManagers`] : []),
    ...(taskManagers < wanted.taskManagers ? [`${taskManagers} of ${wanted.taskManagers} TaskManagers`] : []),
    ...(slots * taskManagers < wanted.slots * wanted.taskManagers
      ? [`${slots * taskManagers} of ${wanted.slots * wanted.taskManagers} slots`]
      : []),
  ];
  if (lacks.length > 0) {
    throw new FlinchError('NO_CLUSTER', {
      what: `it is less than ${file} asks for: it has ${lacks.join(', ')}`,
      on: name,
      todo: 'add what is missing, or lower the cluster of the scenario',
    });
  }
  if (line !== wanted.flink)
    say(`${name} runs Flink ${found.flinkVersion}; the scenario was written for ${wanted.flink}`);
  for (const [key, value] of Object.entries(wanted.flinkConfig)) {
    const now = found.configured[key];
    if (now !== value) say(`${name} has ${key} = ${now ?? 'its default'}; the scenario was written for ${value}`);
  }
  return { ...wanted, flink: known ? (line as FlinkLine) : wanted.flink, jobManagers, taskManagers, slots };
}

/** Prints what would happen; nothing is touched. */
function tellPlan(scenarios: readonly LoadedScenario[], { found, name, highAvailability }: KubernetesCluster): number {
  for (const { scenario, file } of scenarios) {
    const plan = [file, ...describePlan(scenario).map((line) => `  ${line}`)];
    plan.push(`  target: kubernetes, ${name}, Flink ${found.flinkVersion}, leaders in ${highAvailability}`);
    for (const { name: node } of found.nodes) plan.push(`    ${node}: pod ${found.seats.podOf(node)?.name}`);
    process.stdout.write(`${plan.join('\n')}\n`);
  }
  return ExitCode.passed;
}
