import { randomInt } from 'node:crypto';
import { systemClock } from '../core/clock.js';
import { ExitCode, FlinchError } from '../core/error.js';
import { SEEDS } from '../core/pick.js';
import type { ClusterSpec, FlinkLine, Scenario } from '../core/scenario.js';
import { FLINK_LINES } from '../core/scenario.js';
import { FAULT_SCHEMAS } from '../fault/schemas.js';
import { kubernetesCluster } from '../run/cluster/kubernetes-cluster.js';
import { type PodsState, podsState } from '../run/cluster/pods-state.js';
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
  type KubernetesCluster,
  type KubernetesPlace,
  lackingOnPods,
  NEEDS,
  type Need,
  openKubernetesCluster,
  placeName,
  placeNamespace,
  takeClusterLock,
} from '../target/kubernetes/index.js';
import type { Capability } from '../target/ports.js';
import { scenariosOf } from './again.js';
import { refuseNamespace } from './allowed-namespaces.js';
import { healAsBefore } from './heal-on-pods.js';
import { securityFromEnvironment } from './kafka-options.js';
import { placeOf } from './kubernetes-options.js';
import { type RunOptions, reportsFolder } from './run.js';
import { flinchVersion } from './version.js';
import { suiteViewOf } from './view/suite-view.js';

const requiresOf = (kind: string): readonly Capability[] => FAULT_SCHEMAS[kind]?.requires ?? [];
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs scenarios on a cluster in pods, from where its API server is reached. */
export async function runOnPods(paths: readonly string[], options: RunOptions): Promise<number> {
  const place = placeOf(options);
  const loaded = scenariosOf(paths);
  for (const { scenario } of loaded) {
    refuseLacking(scenario, lackingOnPods(place), requiresOf);
    refuseElsewhere(scenario);
    refuseUnreachable(scenario, options);
  }
  if (options.reporter) (await import('../run/mocha/mocha-reporters.js')).checkReporter(options.reporter);
  refuseNamespace(await placeNamespace(place));
  const name = await placeName(place);
  await refuseForbidden(loaded, place, name, { each: options.dryRun === true });
  const state = podsState(name);
  const release = takeLock(state.lock);
  let lock: ClusterLock | undefined;
  try {
    // What only looks keeps nobody away.
    if (!options.dryRun) lock = await takeClusterLock(place, { home: state.ledger, clock: systemClock, say });
    if (!options.dryRun && state.open().length > 0) await healAsBefore(place, state);
    const scenarios = await fitted(loaded, place, options, state);
    return scenarios ? await runAll(scenarios, options, state, lock?.lost) : ExitCode.passed;
  } finally {
    await lock?.release();
    release();
  }
}

/** The scenarios as they are on this cluster, which is healed by then; undefined where they were only to be told. */
async function fitted(
  loaded: readonly LoadedScenario[],
  place: KubernetesPlace,
  options: RunOptions,
  { ledger }: PodsState,
): Promise<LoadedScenario[] | undefined> {
  const opened = await openKubernetesCluster(place, systemClock);
  try {
    const scenarios = loaded.map((it) => {
      refuseLacking(it.scenario, opened.lacking, requiresOf);
      const cluster = asFound(it.scenario.cluster, opened, it.file);
      // Others use it too.
      const scenario = { ...it.scenario, cluster, guards: it.scenario.guards ?? BESIDE_OTHERS };
      return { ...it, scenario: withSeed(scenario, options.seed, () => randomInt(SEEDS)) };
    });
    if (options.dryRun) tellPlan(scenarios, opened);
    else await healPods(opened, place, ledger, systemClock, say);
    return options.dryRun ? undefined : scenarios;
  } finally {
    // Each run finds the cluster as it is then.
    await opened.close();
  }
}

async function runAll(
  scenarios: LoadedScenario[],
  options: RunOptions,
  state: PodsState,
  lost = new AbortController().signal,
): Promise<number> {
  const clock = systemClock;
  const { signal: interrupted, release } = interruptible(say);
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
      clusters: (upcoming) =>
        kubernetesCluster({ place: placeOf(options), state, clock, beside: () => isBeside(upcoming()[0]) }),
      reporter: options.reporter,
      reporterOptions: options.reporterOption,
      clock,
      interrupted: AbortSignal.any([interrupted, lost]),
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
    release();
  }
}

/** @param how as `forbiddenAt` @throws FlinchError CAPABILITY_MISSING with everything that is not allowed */
async function refuseForbidden(
  scenarios: readonly LoadedScenario[],
  place: KubernetesPlace,
  name: string,
  how: { each: boolean },
): Promise<void> {
  const faults = scenarios.flatMap(({ scenario }) => scenario.faults);
  const needs = new Set<Need>(['always']);
  if (place.reach === 'forward') needs.add('forward');
  if (scenarios.some(({ scenario }) => isBeside(scenario))) needs.add('hands');
  for (const { kind, options } of faults) {
    if (options.via === 'chaos-mesh') needs.add('chaosMesh');
    else for (const need of NEEDS) if (need === kind) needs.add(need);
  }
  const forbidden = await forbiddenAt(place, needs, how);
  if (forbidden.length === 0) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: `Kubernetes does not allow what this needs:\n${forbidden.map((line) => `  ${line}`).join('\n')}\n`,
    on: name,
    todo: `grant it; a Role with all of it: flinch doctor --target kubernetes --manifest${forbidden.some((line) => line.includes(CLUSTER_WIDE)) ? ' --cluster-wide' : ''}`,
  });
}

const BESIDE = ['process', 'network', 'disk'] as const;
/** Whether one of its faults is done from beside the pods. */
const isBeside = (scenario: Scenario | undefined): boolean =>
  scenario?.faults.some(({ kind }) => {
    const requires = requiresOf(kind);
    return BESIDE.some((capability) => requires.includes(capability));
  }) ?? false;

/** Roles that are no pods of a Flink cluster. */
const ELSEWHERE = /^(zookeeper|broker|gateway)(\.|$)/;

/** @throws FlinchError CAPABILITY_MISSING where a fault means nodes that are not among the pods */
function refuseElsewhere({ faults }: Scenario): void {
  const refused = faults.flatMap(({ kind, options }, index) => {
    const meant = [options.node, options.between, options.and].flat().filter((it) => ELSEWHERE.test(String(it)));
    return meant.length === 0 ? [] : [`fault ${index + 1} (${kind}) means ${meant.join(', ')}`];
  });
  if (refused.length === 0) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'on Kubernetes faults befall JobManagers and TaskManagers, and no others yet',
    on: refused.join('\n'),
    todo: 'use the local target for these',
  });
}

/** @throws FlinchError USAGE */
function refuseUnreachable({ name, workload }: LoadedScenario['scenario'], { brokers, gateway }: RunOptions): void {
  const attached = workload.job === 'attached';
  const missing = [
    ...(brokers === undefined && !(attached && workload.attach.brokers) ? ['--brokers'] : []),
    ...(gateway === undefined && !attached ? ['--gateway'] : []),
  ];
  if (missing.length === 0) return;
  throw new FlinchError('USAGE', {
    what: `${name} ${attached ? 'reads the topics of a job' : 'submits a job of its own'}, and Kubernetes does not tell where`,
    todo: `add ${missing.join(' and ')}${attached ? '' : ', or attach to a job that runs'}`,
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
function tellPlan(scenarios: readonly LoadedScenario[], { found, name, highAvailability }: KubernetesCluster): void {
  for (const { scenario, file } of scenarios) {
    const plan = [file, ...describePlan(scenario).map((line) => `  ${line}`)];
    plan.push(`  target: kubernetes, ${name}, Flink ${found.flinkVersion}, leaders in ${highAvailability}`);
    for (const { name: node } of found.nodes) plan.push(`    ${node}: pod ${found.seats.podOf(node)?.name}`);
    process.stdout.write(`${plan.join('\n')}\n`);
  }
}
