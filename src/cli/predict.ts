import { ExitCode } from '../core/error.js';
import type { Extent } from '../core/extent.js';
import { isAlone, type Objective, type Scenario } from '../core/scenario.js';
import { formatDuration, parseRate } from '../core/units.js';
import { durationText } from '../judge/extent.js';
import type { Case } from '../predict/case.js';
import { backlogOf } from '../predict/catch-up.js';
import { type Kept, phaseOf, promisedFor, promiseOf } from '../predict/objective.js';
import { predict, sinceTheFault } from '../predict/predict.js';
import type { Prediction } from '../predict/prediction.js';
import { type Remedy, remediesFor, remedyText } from '../predict/remedy.js';
import { pad } from '../report/console.js';
import { courseText, decidedText, sinceText, timesText } from '../report/expectation.js';
import { loadScenarios } from '../scenario/index.js';
import type { LiveCluster } from './live-cluster.js';
import { measured, wrongOption } from './option-values.js';
import { type Assumed, writtenCase, writtenSettings } from './written-case.js';

export interface PredictOptions {
  set: Record<string, string>;
  capacity?: string;
  rest?: string;
  zookeeper?: string;
  json?: boolean;
}

interface ObjectivePromise {
  name: string;
  bound: string;
  kept: Kept;
  extent?: Extent;
  remedies: Remedy[];
}

interface FaultPromise {
  fault: number;
  kind: string;
  prediction: Prediction;
  since: ReturnType<typeof sinceTheFault>;
  objectives: ObjectivePromise[];
  it: Case;
}

/** Says what the settings of scenarios promise, or those of a cluster that runs. @throws FlinchError */
export async function predictScenarios(paths: readonly string[], options: PredictOptions): Promise<number> {
  const set = writtenSettings(options.set);
  const capacity =
    options.capacity === undefined ? {} : { capacity: measured('--capacity', options.capacity, parseRate) };
  const { scenarios } = loadScenarios(paths);
  const live = await asked(options);
  const assumed = { set, ...capacity, ...(live && { live }) };
  const all = scenarios.map(({ scenario }) => ({ scenario, faults: promises(scenario, assumed) }));
  process.stdout.write(options.json ? asJson(all, assumed) : all.map((one) => asText(one, assumed)).join('\n'));
  return ExitCode.passed;
}

/** What speaks to a cluster is loaded where one is named. */
async function asked({ rest, zookeeper }: PredictOptions): Promise<LiveCluster | undefined> {
  if (rest === undefined) {
    if (zookeeper !== undefined) throw wrongOption('--zookeeper without --rest', 'name a REST endpoint of the cluster');
    return undefined;
  }
  const { liveCluster } = await import('./live-cluster.js');
  return liveCluster(
    rest,
    zookeeper?.split(',').map((it) => it.trim()),
  );
}

/** Of each fault that is alone; one that is repeated is told once. */
function promises(scenario: Scenario, assumed: Assumed): FaultPromise[] {
  let restarts = 0;
  return scenario.faults.flatMap((fault, index): FaultPromise[] => {
    const before = restarts;
    const it = writtenCase(scenario, index, before, assumed);
    const prediction = predict(it);
    if (prediction.course.name === 'restart') restarts++;
    if (prediction.course.name === 'takeover') restarts = 0;
    if (!isAlone(scenario.faults, index) || (fault.time && fault.time.nth > 1)) return [];
    const change: (written: Readonly<Record<string, string>>) => Case = (written) =>
      writtenCase(scenario, index, before, { ...assumed, set: { ...assumed.set, ...written } });
    const objectives = scenario.objectives.flatMap((objective) => promised(objective, it, prediction, change));
    return [{ fault: index, kind: fault.kind, prediction, since: sinceTheFault(prediction), objectives, it }];
  });
}

function promised(
  objective: Objective,
  it: Case,
  prediction: Prediction,
  change: (written: Readonly<Record<string, string>>) => Case,
): ObjectivePromise[] {
  if (phaseOf(objective) === undefined && objective.impact === undefined) return [];
  const { name, text } = objective;
  const kept = promiseOf(objective, it, prediction);
  const extent = promisedFor(objective, it, prediction);
  const improvable = objective.atMost !== undefined && (kept === 'open' || kept === 'missed');
  const remedies = improvable ? remediesFor(objective, it, change) : [];
  return [{ name, bound: text, kept, ...(extent ? { extent } : {}), remedies }];
}

interface Told {
  scenario: Scenario;
  faults: FaultPromise[];
}

function asJson(all: readonly Told[], { set, capacity, live }: Assumed): string {
  const scenarios = all.map(({ scenario, faults }) => ({
    scenario: scenario.name,
    faults: faults.map(({ fault, kind, prediction, since, objectives }) => ({
      fault,
      kind,
      ...prediction,
      phases: prediction.phases.map((phase) => ({ ...phase, sinceTheFault: since.get(phase.name) })),
      objectives,
    })),
  }));
  const of = live && { cluster: live.url, problems: live.problems };
  return `${JSON.stringify({ ...of, set, ...(capacity === undefined ? {} : { capacity }), scenarios }, null, 2)}\n`;
}

const KEPT: Record<Kept, string> = {
  kept: 'kept',
  missed: 'missed',
  open: 'may be missed',
  untold: 'not known',
};

function asText({ scenario, faults }: Told, assumed: Assumed): string {
  const set = Object.entries(assumed.set).map(([key, value]) => `${key} = ${value}`);
  const { live } = assumed;
  const whose = live ? `the settings of ${live.url} promise` : 'its settings promise';
  const head = [
    `${scenario.name}: what ${whose}${set.length > 0 ? `, with ${set.join(', ')}` : ''}`,
    ...(live?.problems ?? []).map((problem) => `not known: ${problem}`),
  ];
  const grouped = scenario.faults.some((_, index) => !isAlone(scenario.faults, index))
    ? ['', 'Of faults together nothing can be said: each changes what becomes of the other.']
    : [];
  return `${[...head, ...faults.flatMap(faultText), ...grouped].join('\n')}\n`;
}

function faultText({ fault, kind, prediction, since, objectives, it }: FaultPromise): string[] {
  const { course, phases } = prediction;
  const rows = phases.map((phase) => {
    const at = since.get(phase.name);
    return [
      phase.name,
      at ? durationText(at) : 'not known',
      `${durationText(phase.takes)} ${sinceText(phase)}`,
      decidedText(phase),
    ];
  });
  const lines = ['', `fault ${fault + 1}, ${kind}: ${courseText({ course: course.name, why: course.why })}`];
  if (rows.length > 0) lines.push(...pad([['', 'since the fault', 'this step', 'decided by'], ...rows]));
  const { restarts } = prediction;
  if (restarts) lines.push(`  the job is started anew ${timesText(restarts.takes)} (${restarts.why})`);
  lines.push(...backlogText(it, since));
  for (const { name, bound, kept, extent, remedies } of objectives) {
    const by = extent && kept !== 'untold' ? `: ${durationText(extent)}` : '';
    lines.push(`  ${name} ${bound}: ${KEPT[kept]}${by}`);
    for (const remedy of remedies) {
      lines.push(`    kept with ${remedyText(remedy)}`, ...remedy.costs.map((cost) => `      which costs: ${cost}`));
    }
    if (remedies.length === 0 && (kept === 'open' || kept === 'missed') && extent) {
      lines.push('    no setting that is known here keeps it');
    }
  }
  return lines;
}

function backlogText(it: Case, since: ReturnType<typeof sinceTheFault>): string[] {
  const running = since.get('tasksRunning')?.atMost;
  if (running === undefined || running === null) return [];
  const backlog = backlogOf(it, running);
  if (!backlog) return [];
  const { records, drain, takes } = backlog;
  return [
    `  up to ${records} records wait then; at ${Math.round(drain)}/s beyond what comes in they are gone in ${formatDuration(takes)}`,
  ];
}
