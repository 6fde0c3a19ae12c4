import { formatDuration } from '../../core/units.js';
import type { JournalEvent } from '../../journal/events.js';
import { Configuration } from '../../predict/configuration.js';
import { eventsOf, lastOf } from '../events-of.js';
import type { Irregularity } from '../findings.js';

/** A timeout is noticed a moment after it has run out. Milliseconds. */
const MARGIN = 3_000;

/**
 * TaskManagers that a JobManager lists although it has not heard of them for longer than its heartbeat timeout, while it heard of
 * others. Both moments are of its own clock.
 */
export function zombies(events: readonly JournalEvent[]): Irregularity[] {
  const set = new Configuration(lastOf(events, 'cluster.up')?.settings ?? {});
  const [interval, timeout] = [set.duration('heartbeat.interval'), set.duration('heartbeat.timeout')];
  if (interval === undefined || timeout === undefined) return [];
  const worst = new Map<string, Irregularity & { silent: number }>();
  for (const { node, start, end, oldest, newest } of eventsOf(events, 'observed.taskmanagers')) {
    if (!oldest || newest === undefined) continue;
    const silent = newest - oldest.at;
    if (silent <= timeout + interval + MARGIN || silent <= (worst.get(oldest.id)?.silent ?? 0)) continue;
    worst.set(oldest.id, {
      kind: 'a TaskManager that is dead and listed',
      silent,
      from: worst.get(oldest.id)?.from ?? end,
      to: start,
      text: `${oldest.id} was listed ${formatDuration(silent)} after it was heard of last`,
      evidence: [`as ${node} told`, set.told('heartbeat.timeout')],
    });
  }
  return [...worst.values()].map(({ silent: _, ...told }) => told);
}
