import type { EventOf, JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../events-of.js';
import type { Irregularity } from '../findings.js';
import { starts } from '../the-job.js';

/**
 * A checkpoint of one number that was triggered twice: the counter in the high-availability store gives each number once, so two
 * leaders took it, or the counter was lost.
 */
export function checkpointTwice(events: readonly JournalEvent[]): Irregularity[] {
  // A job that is started again counts its own.
  const begun = starts(events).map(({ seq }) => seq);
  const startOf = (seq: number): number => begun.findLast((start) => start < seq) ?? 0;
  const first = new Map<string, EventOf<'observed.checkpoints'>>();
  const found = new Map<string, Irregularity>();
  for (const look of eventsOf(events, 'observed.checkpoints')) {
    const { latest, seq, node, start } = look;
    if (!latest) continue;
    const key = `${startOf(seq)} ${latest.id}`;
    const other = first.get(key);
    if (!other) first.set(key, look);
    else if (other.latest && other.latest.triggeredAt !== latest.triggeredAt) {
      const at = (ms: number): string => new Date(ms).toISOString();
      found.set(key, {
        kind: 'a checkpoint that was taken twice',
        from: other.end,
        to: start,
        text: `checkpoint ${latest.id} was completed twice`,
        evidence: [
          `triggered at ${at(other.latest.triggeredAt)}, as ${other.node} told`,
          `triggered at ${at(latest.triggeredAt)}, as ${node} told`,
        ],
      });
    }
  }
  return [...found.values()];
}
