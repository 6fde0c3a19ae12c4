import type { EventOf, JobRecord, JournalEvent } from '../../journal/events.js';
import { eventsOf, lastOf } from '../events-of.js';
import { durationText, stillWaiting } from '../extent.js';
import type { Irregularity } from '../findings.js';

/** One look may show the end of one job and the beginning of the next. */
const IN_A_ROW = 2;

const nameOf = (events: readonly JournalEvent[]): string | undefined =>
  lastOf(events, 'job.submitted')?.name ?? lastOf(events, 'job.attached')?.name;

type Look = EventOf<'observed.jobs'>;
const together = ({ jobs = [] }: Look, name: string): JobRecord[] => {
  const running = jobs.filter((job) => job.name === name && job.running > 0);
  return new Set(running.map(({ id }) => id)).size > 1 ? running : [];
};

/** Two jobs of one name that run at once: one of them was thought to be gone, and both write. */
export function twins(events: readonly JournalEvent[]): Irregularity[] {
  const name = nameOf(events);
  if (name === undefined) return [];
  const byNode = new Map<string, { first: Look; count: number }>();
  let found: { first: Look; last: Look; jobs: JobRecord[] } | undefined;
  for (const look of eventsOf(events, 'observed.jobs')) {
    const jobs = together(look, name);
    if (jobs.length === 0) {
      byNode.delete(look.node);
      continue;
    }
    const run = byNode.get(look.node) ?? { first: look, count: 0 };
    run.count++;
    byNode.set(look.node, run);
    if (run.count >= IN_A_ROW) found = { first: found?.first ?? run.first, last: look, jobs };
  }
  if (!found) return [];
  const { first, last, jobs } = found;
  const time = durationText(stillWaiting({ after: first.start, by: first.end }, last.start));
  return [
    {
      kind: 'two jobs of one name',
      from: first.end,
      to: last.start,
      text: `${jobs.length} jobs named ${name} ran at once, for ${time}`,
      evidence: jobs.map(({ id, running, total }) => `${id}: ${running} of ${total} tasks ran, as ${last.node} told`),
    },
  ];
}
