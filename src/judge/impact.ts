import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { greatest } from './extent.js';
import type { Impact } from './findings.js';
import type { JobLook } from './job-looks.js';
import type { Recovery } from './recovery.js';

/** A gap between good looks longer than this could hide an outage, so its absence is not claimed. Milliseconds. */
export const BLIND_MS = 1000;

/** Longest time from one good look to the next that touches [from, to]; null when a side has none. */
export function largestGap(good: readonly JobLook[], from: number, to: number): number | null {
  const starts = good.map((look) => look.start).sort((a, b) => a - b);
  const before = starts.filter((start) => start <= from).at(-1);
  const inside = starts.filter((start) => start > from && start <= to);
  const after = starts.find((start) => start > to);
  if (before === undefined) return null;
  // The window's end is as far as anybody looked when nothing follows it.
  const marks = [before, ...inside, after ?? to];
  return greatest(marks.slice(1).map((mark, i) => mark - (marks[i] as number)));
}

/** Whether Flink restarted the job inside the window: a new execution graph, or a restore that was not there before. */
export function restartSeen(
  looks: readonly JobLook[],
  events: readonly JournalEvent[],
  effective: Interval,
  to: number,
): boolean {
  const sorted = [...looks]
    .filter((look) => look.startTime !== undefined && look.start < to)
    .sort((a, b) => a.end - b.end);
  const old = sorted.filter((look) => look.end <= effective.after).at(-1)?.startTime;
  if (old !== undefined && sorted.some((look) => look.start >= effective.after && look.startTime !== old)) return true;
  const restores = eventsOf(events, 'observed.checkpoints').filter((look) => look.error === undefined);
  const before = restores.filter((look) => look.end <= effective.after);
  if (before.length === 0) return false;
  const known = new Set(before.map((look) => look.restored?.at));
  return restores.some(
    (look) =>
      look.start >= effective.after && look.end <= to && look.restored !== undefined && !known.has(look.restored.at),
  );
}

/** Whether the fault was felt by the job. "Not at all" is only said where an outage could not have been missed. */
export function impactOf(recovery: Recovery, restarted: boolean, looks: number, gap: number | null): Impact {
  const base = { restarted, looks, largestGap: gap };
  if (recovery.outage) {
    const { count, began } = recovery.outage;
    const text = count === 1 ? 'tasks were seen not running' : `tasks were seen not running, ${count} times`;
    return { ...base, state: 'seen', began, outages: count, text };
  }
  if (restarted) {
    return { ...base, state: 'unclear', outages: 0, text: 'the job was restarted, but no look saw it down' };
  }
  if (gap === null || gap > BLIND_MS) {
    const blind =
      gap === null ? 'the job was not looked at' : `the largest gap between looks is ${formatDuration(gap)}`;
    return { ...base, state: 'unclear', outages: 0, text: `no outage was seen, but ${blind}` };
  }
  const text = `not impacted: no outage was seen in ${looks} looks, largest gap between looks ${formatDuration(gap)}`;
  return { ...base, state: 'none', outages: 0, text };
}
