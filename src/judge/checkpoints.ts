import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';

/** Adds to wall milliseconds to get the journal's monotonic ones; taken from one event's stamp. */
export const monoOffset = (stamp: { mono: number; wall: number }): number => stamp.mono - stamp.wall;

/** Flink answers /checkpoints from a cache that is up to this old (its default), in milliseconds. */
export const CACHE_MS = 3000;

/** Two clocks of one host, and the time between an event and its stamp, differ by less. Milliseconds. */
const CLOCK_TOLERANCE = 1000;

/**
 * Why Flink's times of checkpoints cannot be those of this host's clock: one completed after it was seen, or one that is
 * new completed long before the last look that did not show it. Undefined where they can be.
 * @param from monotonic milliseconds; looks before are not asked
 */
export function wrongClock(events: readonly JournalEvent[], from: number, offset: number): string | undefined {
  const looks = eventsOf(events, 'observed.checkpoints')
    .filter((look) => look.error === undefined && look.latest !== undefined && look.end > from)
    .sort((a, b) => a.end - b.end);
  let last: (typeof looks)[number] | undefined;
  for (const look of looks) {
    const completed = (look.latest?.completedAt ?? 0) + offset;
    const ahead = completed - look.end;
    if (ahead > CLOCK_TOLERANCE) return `the JobManager's clock is at least ${formatDuration(ahead)} ahead`;
    const [id, known] = [look.latest?.id ?? 0, last?.latest?.id ?? 0];
    // Each endpoint has a cache of its own: what it shows may be older than what another one has shown.
    if (last && id > known && last.end <= look.start) {
      const behind = last.start - CACHE_MS - completed;
      if (behind > CLOCK_TOLERANCE) return `the JobManager's clock is at least ${formatDuration(behind)} behind`;
    }
    if (!last || id >= known) last = look;
  }
  return undefined;
}

/**
 * The first completed checkpoint that was triggered after a moment that lies in `since`. Its last acknowledgement is the lower bound
 * where the counter shows that it is the first one; where one between two looks may have been missed, the bound is
 * the last look that showed none, less the age of Flink's cache.
 * @param offset wall to monotonic; Flink's times are wall times of the same host
 */
export function firstCheckpointAfter(
  events: readonly JournalEvent[],
  since: Interval,
  offset: number,
  to: number,
): { at: Interval; id: number } | undefined {
  const looks = eventsOf(events, 'observed.checkpoints')
    .filter((look) => look.error === undefined && look.end > since.after && look.start < to)
    .sort((a, b) => a.end - b.end);
  const isNew = (look: (typeof looks)[number]): boolean =>
    look.latest !== undefined && look.latest.triggeredAt + offset >= since.by;
  const shows = looks.find(isNew);
  if (!shows?.latest) return undefined;
  const older = looks.filter((look) => !isNew(look) && look.start < shows.end).at(-1);
  const isFirst = shows.completed === 1 || (older?.completed !== undefined && older.completed + 1 === shows.completed);
  // Its last acknowledgement; what the JobManager does after that, it does not tell the end of.
  const acknowledged = shows.latest.completedAt + offset;
  const after = isFirst ? acknowledged : Math.min(acknowledged, (older?.start ?? since.after) - CACHE_MS);
  return { at: { after: Math.max(since.after, after), by: shows.end }, id: shows.latest.id };
}
