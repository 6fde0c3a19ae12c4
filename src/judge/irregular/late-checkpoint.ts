import type { JournalEvent } from '../../journal/events.js';
import { eventsOf } from '../events-of.js';
import { anyOffset } from '../execution-looks.js';
import type { Irregularity } from '../findings.js';
import { jobIds } from '../the-job.js';

/**
 * A checkpoint that an earlier leader completed after the next one had made the job again: what it commits with it, the next one
 * writes once more. By Flink's own times, as far as the clocks of the JobManagers are known.
 */
export function lateCheckpoints(events: readonly JournalEvent[]): Irregularity[] {
  const offset = anyOffset(events);
  if (!offset) return [];
  const ids = new Set(jobIds(events));
  const starts = eventsOf(events, 'observed.jobs').flatMap(({ jobs = [] }) =>
    jobs.flatMap(({ id, startTime }) => (ids.has(id) ? [startTime] : [])),
  );
  const made = [...new Set(starts)].sort((a, b) => a - b).slice(1);
  const unsure = offset.by - offset.after;
  const found = new Map<number, Irregularity>();
  for (const { node, latest, start, end } of eventsOf(events, 'observed.checkpoints')) {
    if (!latest || found.has(latest.id)) continue;
    const next = made.find((time) => latest.triggeredAt + unsure < time && latest.completedAt - unsure > time);
    if (next === undefined) continue;
    const at = (ms: number): string => new Date(ms).toISOString();
    found.set(latest.id, {
      kind: 'a checkpoint by an old session',
      from: start,
      to: end,
      text: `checkpoint ${latest.id} was completed by a leader after the next one had the job`,
      evidence: [
        `triggered at ${at(latest.triggeredAt)} and completed at ${at(latest.completedAt)}, as ${node} told`,
        `the next leader made the job at ${at(next)}`,
      ],
    });
  }
  return [...found.values()];
}
