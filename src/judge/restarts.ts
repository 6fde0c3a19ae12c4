import { between } from '../core/extent.js';
import type { JournalEvent } from '../journal/events.js';
import { CACHE_MS } from './checkpoints.js';
import { eventsOf } from './events-of.js';
import { anyOffset, executionLooks, inJournal } from './execution-looks.js';
import type { Extent, FaultFinding } from './findings.js';

/** Flink keeps so many failures of a job unless told (`web.exception-history-size`). */
const KEPT = 16;

/**
 * How often the job was started anew after a fault: by another JobManager, and by the one that had it. Flink's counters begin at 0
 * with each JobManager, so this counts what it tells of each: when it had the job, when it began to restart it, and why.
 * Undefined where nobody knows whether the fault was felt.
 */
export function restartsOf(
  events: readonly JournalEvent[],
  { index, effective, impact, phases }: FaultFinding,
): Extent | undefined {
  if (!effective || !impact || impact.state === 'unclear') return undefined;
  const next = eventsOf(events, 'fault.effective').find(({ fault }) => fault > index);
  const to = next?.after ?? Number.POSITIVE_INFINITY;
  const offset = anyOffset(events);
  if (!offset) return undefined;
  const lies = (after: number, by: number): boolean => by >= effective.after && after < to;

  const looks = executionLooks(events, effective.after).filter((look) => look.start < to);
  const during = (look: (typeof looks)[number], time: number | undefined): boolean => {
    if (!time) return false;
    const { after, by } = inJournal(look, time);
    return lies(after, by);
  };
  const made = looks.filter((look) => during(look, look.timestamps.INITIALIZING));
  const failovers = new Set(made.map(({ timestamps }) => timestamps.INITIALIZING)).size;
  const begun = looks.filter((look) => during(look, look.timestamps.RESTARTING));
  const seen = new Set(begun.map(({ timestamps: { INITIALIZING, RESTARTING } }) => `${INITIALIZING} ${RESTARTING}`))
    .size;

  const told = eventsOf(events, 'observed.exceptions').filter(({ error, start }) => error === undefined && start < to);
  const failures = told
    .flatMap(({ entries = [] }) => entries)
    .filter(({ at }) => lies(at + offset.after, at + offset.by)).length;
  const recovered = phases.find(({ name }) => name === 'tasksRunning')?.at;
  // What a job ends of is a failure as well.
  const gone = impact.state === 'seen' && !recovered ? 1 : 0;
  const known = told.some(({ start }) => start >= (recovered ?? effective).by + CACHE_MS);
  const whole = known && gone === 0 && failovers <= 1 && failures < KEPT;
  return between(failovers + Math.max(seen, failures - gone), whole ? failovers + Math.max(seen, failures) : null);
}
