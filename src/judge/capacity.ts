import type { JournalEvent } from '../journal/events.js';
import { lastOf } from './events-of.js';
import type { Phase } from './findings.js';
import type { JobLook } from './job-looks.js';
import { notReached, reached } from './phase.js';
import { recoveryOf } from './recovery.js';
import type { Window } from './timeline.js';

/** Faults that give the job another number of tasks, and mean it. */
const MEANT: ReadonlySet<string> = new Set(['rescale', 'restoreChanged']);

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

const isMeant = (events: readonly JournalEvent[]): boolean =>
  lastOf(events, 'run.started')?.scenario.faults.some(({ kind }) => MEANT.has(kind)) ?? false;

/** Of the last look at which all of them ran. */
function tasksBefore(all: ReadonlyMap<string, JobLook[]>, at: number): number | undefined {
  const last = [...all.values()].flatMap(
    (looks) => looks.findLast(({ view, end }) => view === 'good' && end <= at) ?? [],
  );
  return last.sort((a, b) => a.end - b.end).at(-1)?.tasks;
}
