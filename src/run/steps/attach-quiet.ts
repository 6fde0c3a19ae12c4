import type { JournalEvent } from '../../journal/events.js';

/** Milliseconds of silence in both topics after which a job has nothing left to do, where checkpoints complete. */
const QUIET = 5_000;
/** A topic that was last looked at longer ago is not watched. Milliseconds. */
const STALE = 3_000;

/** Milliseconds of silence that say so. @param period milliseconds between checkpoints */
export const quietFor = (period: number): number => Math.max(QUIET, 3 * period);

/** Whether both topics have been silent, with the job well: it has nothing left to do. */
export function isQuiet(events: readonly JournalEvent[], at: number, period: number, need = quietFor(period)): boolean {
  const watched = { source: false, output: false };
  const triggered = new Set<number>();
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as JournalEvent;
    if (event.mono < at - need) return watched.source && watched.output && triggered.size >= 2;
    if (event.type === 'observed.source' || event.type === 'observed.output') {
      if (event.error !== undefined || (event.records ?? 0) > 0) return false;
      const of = event.type === 'observed.source' ? 'source' : 'output';
      if (at - event.end <= STALE) watched[of] = true;
    }
    const offset = event.mono - event.wall;
    if (event.type === 'observed.checkpoints' && event.latest && event.latest.triggeredAt + offset >= at - need) {
      triggered.add(event.latest.id);
    }
  }
  return false;
}
