import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import type { JournalEvent } from '../journal/events.js';
import { lastOf, steadyEnd } from './events-of.js';
import { between, elapsed } from './extent.js';
import type { BacklogFinding, Extent, FaultFinding } from './findings.js';
import { type OutputLook, outputLooks } from './output-looks.js';

const SECOND = 1000;

/** Records a second that came in during the steady state: what came out, and what was added to the lag. */
export function inputRate(events: readonly JournalEvent[]): number | undefined {
  const steady = lastOf(events, 'steady-state');
  if (!steady?.reached) return undefined;
  const from = steady.since ?? Number.NEGATIVE_INFINITY;
  const looks = outputLooks(events).flatMap(({ start, end, total, lag }) =>
    total !== undefined && lag !== undefined && start >= from && end <= steadyEnd(events)
      ? [{ end, came: total + lag }]
      : [],
  );
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last || last.end <= first.end) return undefined;
  return ((last.came - first.came) * SECOND) / (last.end - first.end);
}

/** Records a second that came out between two looks, neither of which tells when exactly its records did. */
function rateBetween(from: OutputLook, to: OutputLook): Extent | undefined {
  if (from.total === undefined || to.total === undefined || to.end <= from.start) return undefined;
  const records = to.total - from.total;
  const shortest = to.start - from.end;
  return between((records * SECOND) / (to.end - from.start), shortest > 0 ? (records * SECOND) / shortest : null);
}

/** What waited after a fault, and how fast it went. Undefined where nothing did, or where the lag was not watched. */
export function backlogOf(
  events: readonly JournalEvent[],
  { effective, phases }: FaultFinding,
): BacklogFinding | undefined {
  const named = (name: string) => phases.find((phase) => phase.name === name);
  const caught = named('caughtUp');
  const running = named('tasksRunning')?.at;
  const rate = inputRate(events);
  if (!effective || rate === undefined || caught?.state !== 'reached' || !caught.at) return undefined;
  const until = caught.at.by;
  const looks = outputLooks(events).filter(({ start, end, lag }) => {
    return lag !== undefined && end > effective.after && start <= until;
  });
  const peak = looks.reduce<OutputLook | undefined>((top, look) => {
    return top === undefined || (look.lag ?? 0) > (top.lag ?? 0) ? look : top;
  }, undefined);
  const last = looks.at(-1);
  if (!peak?.lag || !last) return undefined;
  const drain = rateBetween(peak, last);
  const took = running ? elapsed(running, caught.at) : elapsed(effective, caught.at);
  return told({ peak: peak.lag, rate, took, ...(drain ? { drain, headroom: beyond(drain, rate) } : {}) }, running);
}

/** What could come in more: at most, and for as long as nothing else wants the machines. */
const beyond = ({ atLeast, atMost }: Extent, rate: number): Extent =>
  between(Math.max(0, atLeast - rate), atMost === null ? null : Math.max(0, atMost - rate));

function told(found: Omit<BacklogFinding, 'text'>, running: Interval | undefined): BacklogFinding {
  const { peak, rate, drain, headroom, took } = found;
  const times = (of: number): string => (of / rate).toFixed(1);
  const least =
    drain === undefined || headroom === undefined
      ? ''
      : `; they went at ${Math.round(drain.atLeast)}/s or more, ${times(drain.atLeast)} times what came in: a headroom of ${Math.round(headroom.atLeast)}/s`;
  const since = running ? 'every task ran' : 'the fault took effect';
  const most =
    took.atMost === null ? '' : `, and were gone ${formatDuration(took.atMost)} after ${since} at the latest`;
  return { ...found, text: `up to ${peak} records waited${least}${most}` };
}
