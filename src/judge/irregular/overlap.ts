import type { EventOf, JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../events-of.js';
import { durationText, stillWaiting } from '../extent.js';
import type { Irregularity } from '../findings.js';
import { jobIds } from '../the-job.js';

/** A leader that gives its leadership back needs a moment until its tasks are gone. Milliseconds. */
const GRACE = 1_000;

type Look = EventOf<'observed.jobs'>;

interface Attempt {
  startTime: number;
  /** The first look at which its tasks ran. */
  first: Look;
  /** The last look at which they ran although a later attempt's ran already. */
  beyond?: Look;
}

/**
 * Two leaders at once: the job as an earlier leader made it had running tasks in looks that began after the job of a later one had.
 * /jobs/overview is not cached, so such an answer is no old one.
 */
export function overlap(events: readonly JournalEvent[]): Irregularity[] {
  const found: Irregularity[] = [];
  for (const id of jobIds(events)) {
    const attempts: Attempt[] = [];
    for (const look of eventsOf(events, 'observed.jobs')) {
      const job = look.jobs?.find((one) => one.id === id);
      if (!job || job.running === 0) continue;
      const known = attempts.find(({ startTime }) => startTime === job.startTime);
      if (!known) attempts.push({ startTime: job.startTime, first: look });
      else if (later(attempts, known, look)) known.beyond = look;
    }
    for (const old of attempts) {
      const { beyond } = old;
      const next = beyond && later(attempts, old, beyond);
      if (!beyond || !next || beyond.start - next.first.end < GRACE) continue;
      const time = durationText(stillWaiting({ after: next.first.start, by: next.first.end }, beyond.start));
      found.push({
        kind: 'two leaders at once',
        from: next.first.end,
        to: beyond.start,
        text: `a leader had running tasks of the job for ${time} after those of the next leader ran`,
        evidence: [old, next].map(({ startTime, first }, i) => {
          const { node } = i === 0 ? beyond : first;
          return `the job that was made at ${new Date(startTime).toISOString()}, as ${node} told`;
        }),
      });
    }
  }
  return found;
}

/** The attempt that came after this one, and had running tasks before the look began. */
const later = (attempts: readonly Attempt[], old: Attempt, { start }: Look): Attempt | undefined =>
  attempts.slice(attempts.indexOf(old) + 1).find(({ first }) => first.end < start);
