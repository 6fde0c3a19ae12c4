import type { Interval } from '../core/poll.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';

export type ExecutionLook = EventOf<'observed.execution'>;

/** Flink's times are whole milliseconds. */
const RESOLUTION = 1;
/** A time that Flink tells cannot lie so far ahead of the look that told it, milliseconds: its clock is another one. */
const TOLERANCE = 1_000;

/** What to add to a JobManager's time for the journal's, at least and at most: what its answers leave open. */
type Offset = Interval;

const ownOffset = ({ start, end, now }: ExecutionLook): Offset => ({
  after: start - now - RESOLUTION,
  by: end - now + RESOLUTION,
});

/**
 * Narrows what a look leaves open by the other looks at that JobManager. One that contradicts it comes from a clock that was
 * set, or from a process with another one.
 */
function offsetOf(look: ExecutionLook, all: readonly ExecutionLook[]): Offset {
  return all
    .filter(({ node }) => node === look.node)
    .map(ownOffset)
    .reduce((known, other) => {
      const both = { after: Math.max(known.after, other.after), by: Math.min(known.by, other.by) };
      return both.after <= both.by ? both : known;
    }, ownOffset(look));
}

/** What to add to a time that any of the JobManagers has told for the journal's. Undefined where none has told what time it is. */
export function anyOffset(events: readonly JournalEvent[]): Interval | undefined {
  const all = eventsOf(events, 'observed.execution');
  const known = [...new Map(all.map((look) => [look.node, look])).values()].map((look) => offsetOf(look, all));
  if (known.length === 0) return undefined;
  return { after: Math.min(...known.map(({ after }) => after)), by: Math.max(...known.map(({ by }) => by)) };
}

/** A look with its clock's offset to the journal's. */
export interface PlacedLook extends ExecutionLook {
  offset: Offset;
}

/** A time by the JobManager's clock on the journal's own. */
export const inJournal = ({ offset }: PlacedLook, time: number): Interval => ({
  after: time + offset.after,
  by: time + offset.by,
});

/** Those told by the JobManager that led then, by the last look at the leader before. Both come in order of time. */
function byLeader(looks: readonly ExecutionLook[], events: readonly JournalEvent[]): ExecutionLook[] {
  const leaders = eventsOf(events, 'observed.leader').filter(({ error }) => error === undefined);
  let next = 0;
  return looks.filter(({ node, end }) => {
    while ((leaders[next]?.end ?? Number.POSITIVE_INFINITY) <= end) next++;
    return node === leaders[next - 1]?.leader?.node;
  });
}

/**
 * What Flink told of the job's own times from a moment on. A JobManager that does not lead tells the leader's times, and what
 * time it is by its own clock: where the leader has told as well, only what the leader said counts.
 */
export function executionLooks(events: readonly JournalEvent[], from: number): PlacedLook[] {
  const all = eventsOf(events, 'observed.execution');
  const sane = all.filter(
    (look) => look.end > from && Object.values(look.timestamps).every((time) => time <= look.now + TOLERANCE),
  );
  const own = byLeader(sane, events);
  return (own.length > 0 ? own : sane).map((look) => ({ ...look, offset: offsetOf(look, all) }));
}
