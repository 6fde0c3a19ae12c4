import { between } from '../core/extent.js';
import type { Interval } from '../core/poll.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { CACHE_MS } from './checkpoints.js';
import { eventsOf } from './events-of.js';
import { anyOffset, executionLooks, inJournal, type PlacedLook } from './execution-looks.js';
import type { Extent, FaultFinding } from './findings.js';

/** Flink keeps so many failures of a job unless told (`web.exception-history-size`). */
const KEPT = 16;
/** Failures are told without the node whose clock they have: where clocks differ by more, nobody knows when they came. Milliseconds. */
const CLOCKS = 1_000;
/** What a JobManager tells of a job and of its failures is asked for side by side. Milliseconds. */
const SIDE_BY_SIDE = 1_000;

/** The job as one JobManager made it. */
interface Attempt {
  /** By the clock of that JobManager, which tells one from the other. */
  made: number;
  at: Interval;
}

/**
 * How often the job was started anew after a fault: by another JobManager, and by the one that had it. Flink's counters begin at 0
 * with each JobManager, so this counts what it tells of each: when it had the job, when it began to restart it, and why. A JobManager
 * that was replaced and does not know it may go on restarting what it had: that is none of the job's.
 * Undefined where nobody knows whether the fault was felt.
 */
export function restartsOf(
  events: readonly JournalEvent[],
  { index, effective, impact, phases }: FaultFinding,
): Extent | undefined {
  const offset = anyOffset(events);
  if (!effective || !impact || impact.state === 'unclear' || !offset) return undefined;
  const next = eventsOf(events, 'fault.effective').find(({ fault }) => fault > index);
  const to = next?.after ?? Number.POSITIVE_INFINITY;
  const lies = ({ after, by }: Interval): boolean => by >= effective.after && after < to;

  const looks = executionLooks(events, Number.NEGATIVE_INFINITY).filter((look) => look.start < to);
  const attempts = attemptsOf(looks);
  const replaced = (made: number | undefined, at: Interval): boolean =>
    attempts.some((later) => made !== undefined && later.made > made && later.at.by <= at.after);
  const failovers = attempts.filter(({ at }) => lies(at)).length;
  const begun = looks.flatMap((look) => {
    const { INITIALIZING = 0, RESTARTING = 0 } = look.timestamps;
    const at = inJournal(look, RESTARTING);
    return RESTARTING > 0 && lies(at) && !replaced(INITIALIZING, at) ? [`${INITIALIZING} ${RESTARTING}`] : [];
  });
  const seen = new Set(begun).size;

  const told = eventsOf(events, 'observed.exceptions').filter(({ error, start }) => error === undefined && start < to);
  const placed = offset.by - offset.after <= CLOCKS;
  const failures = told.flatMap((look) => {
    const made = madeBy(looks, look);
    return (placed ? (look.entries ?? []) : []).filter((entry) => {
      const at = { after: entry.at + offset.after, by: entry.at + offset.by };
      return lies(at) && !replaced(made, at);
    });
  }).length;
  const recovered = phases.find(({ name }) => name === 'tasksRunning')?.at;
  // What a job ends of is a failure as well.
  const gone = impact.state === 'seen' && !recovered ? 1 : 0;
  const known = told.some(({ start }) => start >= (recovered ?? effective).by + CACHE_MS);
  const whole = known && placed && gone === 0 && failovers <= 1 && failures < KEPT;
  return between(failovers + Math.max(seen, failures - gone), whole ? failovers + Math.max(seen, failures) : null);
}

/** In the order of their making. */
function attemptsOf(looks: readonly PlacedLook[]): Attempt[] {
  const found = new Map<number, Attempt>();
  for (const look of looks) {
    const { INITIALIZING: made } = look.timestamps;
    if (made !== undefined && !found.has(made)) found.set(made, { made, at: inJournal(look, made) });
  }
  return [...found.values()].sort((a, b) => a.made - b.made);
}

/** When the job was made whose failures a JobManager told of, by what else it told then. */
const madeBy = (looks: readonly PlacedLook[], { node, end }: EventOf<'observed.exceptions'>): number | undefined =>
  looks.findLast((look) => look.node === node && look.start <= end + SIDE_BY_SIDE)?.timestamps.INITIALIZING;
