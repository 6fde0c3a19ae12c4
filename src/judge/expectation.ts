import type { Interval } from '../core/poll.js';
import { type FaultSpec, isAlone, type Scenario } from '../core/scenario.js';
import { writeDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { type Case, type JobFacts, jobFacts } from '../predict/case.js';
import { brokerSettings, Configuration } from '../predict/configuration.js';
import type { CourseName } from '../predict/course.js';
import { INTERVAL } from '../predict/keys.js';
import { predict } from '../predict/predict.js';
import type { PredictedPhase } from '../predict/prediction.js';
import { eventsOf, lastOf } from './events-of.js';
import { compare, elapsed, greatest } from './extent.js';
import type { Expectation, ExpectedPhase, Extent, FaultFinding, Within } from './findings.js';
import { restartsOf } from './restarts.js';
import { periodOf } from './the-job.js';

const WITHIN = { passed: 'yes', failed: 'no', inconclusive: 'unclear' } as const;

/**
 * What the settings of the cluster promise of a fault, and whether it came so. Undefined of one that is not alone, or took no effect.
 * @param before the faults before it: how fast their backlogs went tells how fast this one's will
 */
export function expectationOf(
  events: readonly JournalEvent[],
  fault: FaultFinding,
  before: readonly FaultFinding[] = [],
): Expectation | undefined {
  const scenario = lastOf(events, 'run.started')?.scenario;
  const up = lastOf(events, 'cluster.up');
  const { effective } = fault;
  const spec = scenario?.faults[fault.index];
  if (!scenario || !up || !effective || !spec || !isAlone(scenario.faults, fault.index)) return undefined;
  const known = caseOf(events, scenario, fault, spec, effective);
  const it = { ...known, job: { ...known.job, ...throughput(fault, before) } };
  const taken = takenBy(fault);
  const { course, phases, restarts } = predict(it, taken);
  const measured = restartsOf(events, fault);
  return {
    course: course.name,
    why: course.why,
    within: course.name === 'either' ? 'unclear' : sameCourse(course.name, taken, fault),
    phases: phases.flatMap((phase) => held(phase, fault, effective)),
    ...(restarts && measured && { restarts: { ...restarts, measured, within: within(measured, restarts.takes) } }),
  };
}

/** What became of the job. Undefined where nobody knows. */
function takenBy({ impact, failover, phases }: FaultFinding): CourseName | undefined {
  if (!impact || impact.state === 'unclear') return undefined;
  if (impact.state === 'none') return 'none';
  if (failover === 'JobManager failover' || failover === 'new start of the job') return 'takeover';
  if (failover !== undefined) return 'restart';
  const tasks = phases.find(({ name }) => name === 'tasksRunning');
  return tasks?.state === 'not-impacted' ? 'silence' : undefined;
}

function sameCourse(promised: CourseName, taken: CourseName | undefined, { impact, failover }: FaultFinding): Within {
  // However it came back: it was to run on.
  if (promised === 'none' && impact?.state === 'seen') return 'no';
  if (taken === undefined) return 'unclear';
  // A fault of the job itself ends with a new start, whatever Flink had made of it before.
  if (failover === 'new start of the job' && promised === 'restart') return 'yes';
  return promised === taken ? 'yes' : 'no';
}

const within = (measured: Extent, { atLeast, atMost }: Extent): Within =>
  WITHIN[compare(measured, { atLeast, ...(atMost === null ? {} : { atMost }) })];

/** A promise with what was measured; of a phase that nobody saw there is nothing to say. */
function held(promised: PredictedPhase, { phases }: FaultFinding, effective: Interval): ExpectedPhase[] {
  const named = (name: string) => phases.find((phase) => phase.name === name);
  const phase = named(promised.name);
  const from = promised.since === 'effective' ? effective : named(promised.since)?.at;
  if (!phase || !from || phase.state === 'unclear' || phase.state === 'not-impacted') return [];
  const seen =
    phase.at ?? (phase.took ? { after: effective.by + phase.took.atLeast, by: Number.POSITIVE_INFINITY } : undefined);
  if (!seen) return [];
  const { atLeast, atMost } = elapsed(from, seen);
  const measured = { atLeast, atMost: Number.isFinite(atMost) ? atMost : null };
  return [{ ...promised, measured, within: within(measured, promised.takes) }];
}

function caseOf(
  events: readonly JournalEvent[],
  { cluster, workload }: Scenario,
  { selector, node }: FaultFinding,
  { kind, options }: FaultSpec,
  effective: Interval,
): Case {
  const up = lastOf(events, 'cluster.up');
  const period = periodOf(events);
  const victim = jobManagerOf(events, selector, node, effective);
  const interval = period > 0 ? { [INTERVAL]: writeDuration(period) } : {};
  return {
    kind,
    options,
    ...(victim === undefined ? {} : { victim }),
    set: new Configuration({ ...up?.settings, ...brokerSettings(cluster), ...interval }),
    cluster: { ...cluster, ...(up && !up.reused ? { age: effective.by - up.mono + up.tookMs } : {}) },
    job: { ...jobFacts(workload), ...ownTimes(events, effective) },
    restarts: restartsBefore(events, effective),
  };
}

/** Of a JobManager, whether it led: a scenario may say `any`, or `each`. */
function jobManagerOf(
  events: readonly JournalEvent[],
  selector: string | undefined,
  node: string | undefined,
  effective: Interval,
): string | undefined {
  if (selector === undefined || !/^jobmanager\.(any|each)$/.test(selector)) return undefined;
  const before = eventsOf(events, 'observed.leader').findLast(
    ({ end, error }) => end <= effective.after && error === undefined,
  );
  const leading = before?.leader?.node;
  if (leading === undefined) return undefined;
  return leading === node ? 'jobmanager.leader' : 'jobmanager.standby';
}

/** What waits, and how fast such went before. Commits make a lump of it, so the least that it can have been counts. */
function throughput({ backlog }: FaultFinding, before: readonly FaultFinding[]): Partial<JobFacts> {
  const drains = before.flatMap((fault) => fault.backlog?.drain?.atLeast ?? []);
  if (!backlog || drains.length === 0) return {};
  return { rate: backlog.rate, capacity: Math.min(...drains), backlog: backlog.peak };
}

/** What the job took for its checkpoints, and for its last start, while nothing was broken. */
function ownTimes(events: readonly JournalEvent[], effective: Interval): Partial<JobFacts> {
  const before = <E extends { end: number }>(looks: readonly E[]) => looks.filter(({ end }) => end <= effective.after);
  const took = before(eventsOf(events, 'observed.checkpoints')).flatMap(({ latest }) =>
    latest ? [latest.completedAt - latest.triggeredAt] : [],
  );
  const tasks = before(eventsOf(events, 'observed.execution')).findLast((look) => look.tasks?.ran)?.tasks;
  const { deploying, initializing, ran } = tasks ?? {};
  return {
    ...(took.length > 0 ? { checkpoint: greatest(took) } : {}),
    ...(deploying && initializing ? { deployment: initializing[1] - deploying[1] } : {}),
    ...(initializing && ran ? { restore: ran[1] - initializing[1] } : {}),
  };
}

/** Restarts that the JobManager that has the job had made of it. */
function restartsBefore(events: readonly JournalEvent[], effective: Interval): number {
  const looks = eventsOf(events, 'observed.execution').filter(({ end }) => end <= effective.after);
  const made = greatest(looks.map(({ timestamps }) => timestamps.INITIALIZING ?? 0));
  const restarts = looks.flatMap(({ timestamps: { INITIALIZING = 0, RESTARTING = 0 } }) =>
    INITIALIZING === made && RESTARTING > made ? [RESTARTING] : [],
  );
  return new Set(restarts).size;
}
