import { COUNT_OBJECTIVES, NOT_STOPPED, type Objective } from '../core/scenario.js';
import { formatDuration } from '../core/units.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf, loadEnd } from './events-of.js';
import type { ObjectiveFinding } from './findings.js';

/** A time-out that ran when a fault took effect may have begun so many milliseconds before it, and been spoilt there. */
const BEFORE = 10_000;

/** What time-outs decide. Records are lost or wrong on any machine, and who stops a run has said why. */
const OF_TIME = (name: string): boolean =>
  name === 'leaderChanges' ||
  name === 'splitLeadership' ||
  (name !== NOT_STOPPED && !COUNT_OBJECTIVES.some((it) => it === name));

type Disturbed = EventOf<'machine.disturbed'>;
const sum = (all: readonly Disturbed[]): string =>
  formatDuration(all.reduce((ms, { after, by }) => ms + by - after, 0));
const count = (n: number): string => (n === 1 ? 'once' : `${n} times`);

/**
 * What kept the cluster's machine from being itself while faults were at work, as a sentence. Undefined where nothing
 * did, or the cluster shares no machine with Flinch.
 */
export function disturbancesOf(events: readonly JournalEvent[]): string | undefined {
  const first = eventsOf(events, 'fault.effective')[0];
  if (!first) return undefined;
  const [from, to] = [first.after - BEFORE, loadEnd(events)];
  const seen = eventsOf(events, 'machine.disturbed').filter(({ after, by }) => by > from && after < to);
  const still = seen.filter(({ why }) => why === 'stood-still');
  const taken = seen.filter(({ why }) => why === 'taken');
  const share = Math.round(100 * Math.max(0, ...taken.map((it) => it.share ?? 0)));
  const parts = [
    ...(still.length > 0 ? [`this machine stood still ${count(still.length)}, for ${sum(still)} in all`] : []),
    ...(taken.length > 0 ? [`its host gave up to ${share} % of its processors to others for ${sum(taken)}`] : []),
  ];
  const [earliest] = seen;
  if (!earliest) return undefined;
  const since = earliest.after - first.after;
  const when = `${formatDuration(Math.abs(since))} ${since < 0 ? 'before' : 'after'} fault ${first.fault + 1} took effect`;
  return `${parts.join(', and ').replace(/^its host/, "this machine's host")}, first ${when}`;
}

/** Whether less came about than was asked for: a machine that is slow makes everything longer, and more. */
function tooLittle({ atLeast = 0, impact }: Objective, { extent }: ObjectiveFinding): boolean {
  if (impact === 'some') return true;
  return atLeast > 0 && (extent === undefined || (extent.atMost !== null && extent.atMost < atLeast));
}

/** A missed objective that a machine which was not itself may have missed: nobody knows whether the cluster would have. */
export function excused(
  finding: ObjectiveFinding,
  objective: Objective,
  disturbances: string | undefined,
): ObjectiveFinding {
  if (disturbances === undefined || finding.verdict !== 'failed' || !OF_TIME(finding.name)) return finding;
  if (tooLittle(objective, finding)) return finding;
  return {
    ...finding,
    verdict: 'inconclusive',
    text: `${disturbances}, and time-outs of a cluster on it mean little then (measured: ${finding.text})`,
  };
}
