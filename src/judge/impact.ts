import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { CACHE_MS } from './checkpoints.js';
import { eventsOf } from './events-of.js';
import { greatest } from './extent.js';
import type { Impact } from './findings.js';
import type { JobLook } from './job-looks.js';
import type { Recovery } from './recovery.js';

/** A gap between good looks longer than this could hide an outage, so its absence is not claimed. Milliseconds. */
export const BLIND_MS = 1000;

/** How densely the job was seen running, from one good look to the next. Milliseconds. */
export interface Density {
  /** The longest time between two; null when one side has none. */
  gap: number | null;
  /**
   * When the last gap that could hide an outage had ended with a look that saw the job running, on the journal's
   * monotonic clock; undefined when there is none, or no such look.
   */
  overBy?: number;
}

/** Of the good looks that touch [from, to]. */
export function densityOf(good: readonly JobLook[], from: number, to: number): Density {
  const sorted = good.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const first = sorted.findLastIndex((look) => look.start <= from);
  if (first < 0) return { gap: null };
  const after = sorted.findIndex((look) => look.start > to);
  const touching = sorted.slice(first, after < 0 ? undefined : after + 1);
  const gaps = touching.slice(1).map((look, i) => look.start - (touching[i] as JobLook).start);
  // The window's end is as far as anybody looked when nothing follows it.
  const open = after < 0 ? to - (touching.at(-1) as JobLook).start : 0;
  const hidden = gaps.findLastIndex((gap) => gap > BLIND_MS);
  const gap = greatest([...gaps, open]);
  return hidden < 0 || open > BLIND_MS ? { gap } : { gap, overBy: (touching[hidden + 1] as JobLook).end };
}

/** Whether Flink restarted the job inside the window: a new execution graph, or a restore that was not there before. */
export function restartSeen(
  looks: readonly JobLook[],
  events: readonly JournalEvent[],
  effective: Interval,
  to: number,
): boolean {
  const sorted = [...looks]
    .filter((look) => look.startTime !== undefined && look.end <= to)
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

/**
 * Whether Flink's own books show that nothing was restored from the fault until `by`: tasks that come back after an outage
 * are restored from a checkpoint, where there is one. By every endpoint that was asked before the fault and answers after
 * `by`; one that the fault has taken away is not heard.
 */
export function unrestored(events: readonly JournalEvent[], effective: Interval, by: number): boolean {
  const looks = eventsOf(events, 'observed.checkpoints').filter((look) => look.error === undefined);
  const before = new Map(looks.filter((look) => look.end <= effective.after).map((look) => [look.node, look]));
  const pairs = [...before.values()].flatMap((last) => {
    const next = looks.find(({ node, start }) => node === last.node && start >= by + CACHE_MS);
    return next ? [{ last, next }] : [];
  });
  const known = ({ last, next }: (typeof pairs)[number]): boolean =>
    (last.latest ?? last.restored) !== undefined && next.restored?.at === last.restored?.at;
  return pairs.length > 0 && pairs.every(known);
}

/**
 * Whether the fault was felt by the job. "Not at all" is only said where an outage could not have been missed.
 * @param booked whether Flink's books tell of none in the gaps between looks
 */
export function impactOf(
  recovery: Recovery,
  restarted: boolean,
  looks: number,
  gap: number | null,
  booked: boolean,
): Impact {
  const base = { restarted, looks, largestGap: gap };
  if (recovery.outage) {
    const { count, began } = recovery.outage;
    const text = count === 1 ? 'tasks were seen not running' : `tasks were seen not running, ${count} times`;
    return { ...base, state: 'seen', began, outages: count, text };
  }
  if (restarted) {
    return { ...base, state: 'unclear', outages: 0, text: 'the job was restarted, but no look saw it down' };
  }
  if (gap !== null && gap > BLIND_MS && booked) {
    const between = `Flink restored nothing in the largest gap between them, ${formatDuration(gap)}`;
    const text = `not impacted: no outage was seen in ${looks} looks, and ${between}`;
    return { ...base, state: 'none', outages: 0, text };
  }
  if (gap === null || gap > BLIND_MS) {
    const blind =
      gap === null ? 'the job was not looked at' : `the largest gap between looks is ${formatDuration(gap)}`;
    return { ...base, state: 'unclear', outages: 0, text: `no outage was seen, but ${blind}` };
  }
  const text = `not impacted: no outage was seen in ${looks} looks, largest gap between looks ${formatDuration(gap)}`;
  return { ...base, state: 'none', outages: 0, text };
}
