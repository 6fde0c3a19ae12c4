import type { Interval } from '../core/poll.js';
import { formatDuration } from '../core/units.js';
import { eventsOf } from './events-of.js';
import { durationText, elapsed } from './extent.js';
import type { Extent, Phase } from './findings.js';
import { firstChange, LEADER_BLIND_MS, type LeaderLook, leaderGap, leaderLooks } from './leadership.js';
import { notImpacted, notReached, reached, unclear } from './phase.js';
import type { Window } from './timeline.js';

/** Faults that end a process. One that stands still, or is cut off, may go on before anybody has noticed. */
const ENDING: ReadonlySet<string> = new Set(['kill', 'stop', 'restart', 'deletePod', 'evictPod']);

/** Whether the fault ended the node that led. */
function endedLeader({ events, effective }: Window, leader: LeaderLook): boolean {
  const resolved = eventsOf(events, 'fault.resolved').filter((event) => event.mono <= effective.by);
  const last = resolved.at(-1);
  if (last === undefined || !ENDING.has(last.kind)) return false;
  const nodes = [last.node, ...(last.also ?? []).map(({ node }) => node)];
  return last.selector === 'jobmanager.leader' || nodes.some((node) => node === leader.node);
}

/** When the leader's record went away or changed, and when another session led. */
export function leaderPhases(window: Window): [Phase, Phase] {
  const { events, effective, to } = window;
  const both = (phase: (name: 'leadershipLost' | 'newLeader') => Phase): [Phase, Phase] => [
    phase('leadershipLost'),
    phase('newLeader'),
  ];
  const looks = leaderLooks(events).filter((look) => look.end <= to);
  const old = looks.filter((look) => look.end <= effective.after && look.session !== null).at(-1);
  if (!old) return both((name) => unclear(name, 'no leader was seen before the fault'));
  const lost = firstChange(looks, effective.after, (look) => look.session === old.session);
  const isNew = (look: LeaderLook): boolean => look.session !== null && look.session !== old.session;
  const found = firstChange(looks, effective.after, (look) => !isNew(look));
  const lastLook = looks.at(-1)?.start ?? effective.by;
  if (!lost) {
    if (endedLeader(window, old)) {
      return both((name) =>
        notReached(name, effective, lastLook, 'the old leader was still recorded, no other was seen'),
      );
    }
    const gap = leaderGap(looks, effective.after, to);
    if (gap > LEADER_BLIND_MS) return both((name) => unclear(name, 'the leader was not looked at often enough'));
    return both((name) =>
      notImpacted(name, `not impacted: the leader stayed, largest gap between looks ${formatDuration(gap)}`),
    );
  }
  const gone = lost.look.session === null ? 'the leader record was gone' : 'the leader record changed';
  const again = found ? undefined : recordedAgain(looks, lost.at, old);
  const who = found?.look.node ?? found?.look.address ?? 'another session';
  return [
    reached('leadershipLost', effective, lost.at, gone),
    found
      ? reached('newLeader', effective, found.at, `${who} led`)
      : again
        ? notImpacted('newLeader', `no other leader: ${sameSession(elapsed(effective, again))}`)
        : notReached('newLeader', effective, lastLook, 'no new leader was seen'),
  ];
}

const sameSession = (took: Extent): string =>
  `the record of the same session was there again, ${durationText(took)} after the fault took effect`;

/** Somebody else than the leader took its record away, and it wrote it anew: it never stopped leading. */
function recordedAgain(looks: readonly LeaderLook[], gone: Interval, { session }: LeaderLook): Interval | undefined {
  // An answer that was under way before is none of afterwards.
  const later = looks.filter((look) => look.start >= gone.by);
  const first = later.find((look) => look.session === session);
  return first && later.at(-1)?.session === session ? { after: gone.after, by: first.end } : undefined;
}
