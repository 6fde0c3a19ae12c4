import type { JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';
import type { Phase } from './findings.js';
import type { JobLook } from './job-looks.js';
import { notReached, reached } from './phase.js';
import { type Outage, recoveryOf } from './recovery.js';
import type { Window } from './timeline.js';

/** Faults that give the job another number of tasks, and mean it. */
const MEANT: ReadonlySet<string> = new Set(['rescale', 'restoreChanged']);

/** So far the clocks of a JobManager and of this run may be apart. Milliseconds. */
const CLOCKS = 1_000;

/**
 * When a job ran with as many tasks as before the fault, where the adaptive scheduler went on with fewer meanwhile. Undefined
 * where every task or none ran: then it is the recovery.
 * @param all looks by endpoint @param looks those of the window
 */
export function capacityPhase(
  window: Window,
  all: ReadonlyMap<string, JobLook[]>,
  looks: ReadonlyMap<string, JobLook[]>,
): Phase[] {
  const { events, effective } = window;
  const before = tasksBefore(all, effective.after);
  if (before === undefined || isMeant(events)) return [];
  const fewer = (look: JobLook): boolean => look.view === 'good' && (look.tasks ?? before) < before;
  const least = [...looks.values()].flat().filter(fewer);
  if (least.length === 0) return [];
  const whole = new Map(
    [...looks].map(([node, list]) => [
      node,
      list.map((look): JobLook => (fewer(look) ? { ...look, view: 'down' } : look)),
    ]),
  );
  const { outage } = recoveryOf(whole, effective.after);
  if (!outage) return [];
  const ran = `${Math.min(...least.map(({ tasks = 0 }) => tasks))} for a time`;
  if (outage.recovered) {
    return [reached('capacityRegained', effective, outage.recovered, `all ${before} tasks ran again, after ${ran}`)];
  }
  return [notReached('capacityRegained', effective, outage.lastDown, `all ${before} tasks did not run again`)];
}

/**
 * Whether an outage was a restart of the adaptive scheduler to run with more tasks: it ended with more than there were, and
 * Flink was asked afterwards and told of no failure.
 * @param offset milliseconds from wall clocks to the journal's monotonic one
 */
export function rescalingIn(
  { events }: Window,
  looks: ReadonlyMap<string, JobLook[]>,
  offset: number,
): (outage: Outage) => boolean {
  if (isMeant(events)) return () => false;
  const good = [...looks.values()].flat().filter(({ view }) => view === 'good');
  const told = eventsOf(events, 'observed.exceptions').filter(({ error }) => error === undefined);
  const failures = told.flatMap(({ entries = [] }) => entries.map(({ at }) => at + offset));
  return ({ began, recovered }) => {
    if (!recovered || !told.some(({ start }) => start >= recovered.by)) return false;
    if (failures.some((at) => at >= began.after - CLOCKS && at <= recovered.by + CLOCKS)) return false;
    const before = good.filter(({ end }) => end <= began.by).sort((a, b) => a.end - b.end);
    const after = good.filter(({ end }) => end >= recovered.by).sort((a, b) => a.end - b.end);
    const [had, has] = [before.at(-1)?.tasks, after[0]?.tasks];
    return had !== undefined && has !== undefined && has > had;
  };
}

const isMeant = (events: readonly JournalEvent[]): boolean =>
  lastOf(events, 'run.started')?.scenario.faults.some(({ kind }) => MEANT.has(kind)) ?? false;

/** Of the last look at which all of them ran. */
function tasksBefore(all: ReadonlyMap<string, JobLook[]>, at: number): number | undefined {
  const last = [...all.values()].flatMap(
    (looks) => looks.findLast(({ view, end }) => view === 'good' && end <= at) ?? [],
  );
  return last.sort((a, b) => a.end - b.end).at(-1)?.tasks;
}
