import type { Interval } from '../core/poll.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { between, greatest } from './extent.js';
import type { Extent } from './findings.js';

/** A look at the committed output. What it found became visible after `since`, the start of the look before it. */
export interface OutputLook {
  since: number;
  start: number;
  end: number;
  records: number;
  total: number | undefined;
  lag: number | undefined;
}

/** Looks that have an answer; one that failed only makes the next one's interval longer. */
export function outputLooks(events: readonly JournalEvent[]): OutputLook[] {
  const looks: OutputLook[] = [];
  for (const e of eventsOf(events, 'observed.output')) {
    if (e.error !== undefined || e.records === undefined) continue;
    const since = looks.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    looks.push({ since, start: e.start, end: e.end, records: e.records, total: e.total, lag: e.lag });
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

interface Silence {
  from: number;
  to: number;
  extent: Extent;
}

/**
 * The longest silence in committed output that overlaps the fault: between the last commit found by one look and the
 * first found by the next that found any. `to` is when the load stopped; a silence still open then counts with its
 * length so far, and without an upper bound where it is longer than a silence of the steady state.
 * @param period milliseconds between checkpoints: under exactly-once, output comes once in that time
 */
export function outputGapOf(
  looks: readonly OutputLook[],
  from: number,
  to: number,
  period: number,
): Extent | undefined {
  const productive = looks.filter((look) => look.records > 0);
  const before = productive.filter((look) => look.end <= from).at(-1);
  if (!before) return undefined;
  const silences: Silence[] = [];
  productive.forEach((a, i) => {
    const b = productive[i + 1];
    if (!b || a.since === Number.NEGATIVE_INFINITY) return;
    silences.push({ from: a.end, to: b.end, extent: between(Math.max(0, b.since - a.end), b.end - a.since) });
  });
  const steady = silences.filter((s) => s.to <= from).map((s) => s.extent.atMost ?? 0);
  const relevant = silences.filter((s) => s.to > from && s.from < to).map((s) => s.extent);
  const lastLook = looks.at(-1);
  const lastProductive = productive.at(-1);
  if (lastLook && lastProductive && lastProductive.end < to) {
    const soFar = Math.max(0, Math.min(lastLook.start, to) - lastProductive.end);
    const atMost = to - Math.max(lastProductive.since, looks[0]?.start ?? 0);
    const usual = 2 * greatest([period, ...steady]);
    relevant.push(between(soFar, atMost > usual ? null : atMost));
  }
  if (relevant.length === 0) return undefined;
  const unbounded = relevant.some((e) => e.atMost === null);
  return between(
    greatest(relevant.map((e) => e.atLeast)),
    unbounded ? null : greatest(relevant.map((e) => e.atMost ?? 0)),
  );
}
