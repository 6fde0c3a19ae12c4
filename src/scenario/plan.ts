import type { AttachedWorkload, FaultSpec, Scenario, WorkloadSpec } from '../core/scenario.js';
import { writeDuration, writeSize } from '../core/units.js';
import { FAULT_SCHEMAS } from '../fault/schemas.js';
import { stopText } from './stop-schema.js';
import { triggerText } from './when-schema.js';

const several = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
const settingLines = (title: string, map: Readonly<Record<string, string>>): string[] =>
  Object.entries(map).map(([key, value]) => `  ${title}: ${key} = ${value}`);

/** What a scenario will do, in lines for people: printed by --dry-run and at the head of a run. */
export function describePlan(scenario: Scenario): string[] {
  const { name, title, cluster, workload, steadyState, faults, seed, stop = [], objectives } = scenario;
  return [
    title === name ? name : `${name}: ${title}`,
    `cluster: Flink ${cluster.flink}, ${several(cluster.jobManagers, 'JobManager')}, ${several(cluster.taskManagers, 'TaskManager')} with ${several(cluster.slots, 'slot')} each, ` +
      `${several(cluster.zookeepers, 'ZooKeeper server')}, ${several(cluster.brokers, 'Kafka broker')}, disks of ${writeSize(cluster.disk)}`,
    ...settingLines('Flink', cluster.flinkConfig),
    ...settingLines('ZooKeeper', cluster.zookeeperConfig),
    ...settingLines('Kafka', cluster.kafkaConfig),
    workload.job === 'attached' ? attachedLine(workload) : builtInLine(workload),
    `steady state: must hold for ${writeDuration(steadyState.hold)} within ${writeDuration(steadyState.within)}, else the run is inconclusive`,
    ...faults.flatMap(faultLine),
    ...(seed === undefined ? [] : [`left to chance: seed ${seed}`]),
    ...stop.map((condition) => `stopped at once, and then ${condition.verdict}: ${stopText(condition)}`),
    `judged: ${objectives.map((o) => `${o.name} ${o.text}`).join(', ')}`,
  ];
}

function faultLine(
  { kind, options, time, beside, when, at }: FaultSpec,
  i: number,
  all: readonly FaultSpec[],
): string[] {
  if (time && time.nth > 1) return [];
  const chosen = Object.entries(options)
    .filter(([key]) => key !== 'nth')
    .map(([key, value]) => `${key} ${written(key, value)}`);
  const start = [
    ...(when ? [`when ${triggerText(when)}`] : []),
    ...(at === undefined ? [] : [`${writeDuration(at)} later`]),
  ];
  const again = time && time.every > 0 ? [`${time.of} times, ${writeDuration(time.every)} apart or more`] : [];
  const what = [kind, ...chosen, ...start, ...again].join(', ');
  const alone = !beside && !all[i + 1]?.beside;
  const which = time && alone ? `faults ${i + 1} to ${i + time.of}` : `fault ${i + 1}`;
  return [
    `${which}${beside ? ' beside the one before' : ''}: ${what} (${FAULT_SCHEMAS[kind]?.summary ?? 'unknown fault'})`,
  ];
}

const WRITERS: Readonly<Record<string, (value: number) => string>> = {
  duration: writeDuration,
  ahead: writeDuration,
  behind: writeDuration,
  share: (percent) => `${percent}%`,
  to: (bytes) => `${writeSize(bytes)}/s`,
};
const written = (key: string, value: unknown): string =>
  typeof value === 'number' ? (WRITERS[key]?.(value) ?? String(value)) : String(value);
const builtInLine = (workload: WorkloadSpec): string =>
  `workload: ${workload.job}, ${workload.guarantee}, ${writeRate(workload.rate)} in ${several(workload.lanes, 'lane')} over ${several(workload.partitions, 'partition')}, ` +
  `parallelism ${workload.parallelism}, a checkpoint every ${writeDuration(workload.checkpoints)}, state in ${workload.stateBackend}` +
  (workload.guarantee === 'exactly-once'
    ? `, transactions time out after ${writeDuration(workload.transactionTimeout)}`
    : '');

function attachedLine({ guarantee, attach }: AttachedWorkload): string {
  const { job, source, sink, relation } = attach;
  return `workload: attached to the job ${job}, ${guarantee}, ${source.topic} to ${sink.topic}, ${relationText(relation)}; job and topics are only read`;
}

function relationText(relation: AttachedWorkload['attach']['relation']): string {
  if (relation.kind === 'aggregate') return `aggregate (${relation.invariants.map(({ kind }) => kind).join(', ')})`;
  return relation.kind === 'one-to-many' && relation.times !== undefined
    ? `${relation.kind} (${relation.times} each)`
    : relation.kind;
}

const writeRate = (rate: number): string => `${Number(rate.toFixed(2))} records/s`;
