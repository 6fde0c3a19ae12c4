import type { JournalEvent } from '../journal/events.js';
import { eventsOf, stepAt } from './events-of.js';

/**
 * Why records at the end of a lane may still be on their way, so that their absence is no loss; undefined when the
 * job had drained. The step must have ended, without trouble.
 */
export function notDrained(events: readonly JournalEvent[]): string | undefined {
  const from = stepAt(events, 'quiesce', 'started');
  const to = stepAt(events, 'quiesce', 'ended');
  if (from === undefined || to === undefined) return 'the drain did not end';
  const trouble = eventsOf(events, 'trouble').find((event) => event.mono >= from && event.mono <= to);
  return trouble && `the drain had trouble: ${trouble.message}`;
}
