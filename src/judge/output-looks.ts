import type { Interval } from '../core/poll.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';

/** A look at the committed output. What it found became visible after `since`, the start of the look before it. */
export interface OutputLook {
  since: number;
  start: number;
  end: number;
  records: number;
  total: number | undefined;
  lag: number | undefined;
  /** From the first to the last look since `since` that was refused by every broker: nobody could read anything then. */
  unreadable?: Interval;
}

/** Looks that have an answer; one that failed only makes the next one's interval longer. */
export function outputLooks(events: readonly JournalEvent[]): OutputLook[] {
  const looks: OutputLook[] = [];
  let unreadable: Interval | undefined;
  for (const e of eventsOf(events, 'observed.output')) {
    if (e.refused) unreadable = { after: unreadable?.after ?? e.end, by: e.start };
    if (e.error !== undefined || e.records === undefined) continue;
    const since = looks.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    const { start, end, records, total, lag } = e;
    looks.push({ since, start, end, records, total, lag, ...(unreadable && { unreadable }) });
    unreadable = undefined;
  }
  return looks;
}

/**
 * The first committed output after `down`, the last moment at which tasks were seen not running. A look whose records
 * may have been committed before that moment opens the interval; only one whose records cannot have been closes it.
 */
export function firstOutputAfter(looks: readonly OutputLook[], down: number): Interval | undefined {
  const possible = looks.find((look) => look.records > 0 && look.end > down);
  const certain = looks.find((look) => look.records > 0 && look.since >= down);
  if (!possible || !certain) return undefined;
  return { after: Math.max(down, possible.since), by: certain.end };
}
