import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf, lastOf } from './events-of.js';
import { between, durationText, greatest } from './extent.js';
import type { LeadershipFinding, SplitLeadership } from './findings.js';
import { LEADER_BLIND_MS, leaderGap, leaderLooks } from './leadership.js';

/** A change of leader needs a moment until both tell of it; no longer. Milliseconds. */
const DISAGREED = 5_000;
/** A sound recovery changes the record once or twice, a cure up to four times. */
const CHANGES = 5;
const IN = 10_000;
/** After a store's return, what was its first leader's session lives on for one session. Milliseconds. */
const USUAL_SESSION = 40_000;
const MARGIN = 10_000;

/** The first release of Flink whose Curator does not do it. */
const FIXED_IN = [2, 3];

type Look = EventOf<'observed.leader'> & { contenders: string[] };

/**
 * Whether two JobManagers led at once: the leader's record belongs to another store session than the one that is first
 * in line, for longer than any change of leader takes; or the record changes again and again.
 * @param from when the first fault took effect @param to when the load stopped
 */
export function splitLeadership(
  events: readonly JournalEvent[],
  from: number,
  to: number,
): Pick<LeadershipFinding, 'splits' | 'split'> {
  const all = eventsOf(events, 'observed.leader').filter(
    (look): look is Look => look.error === undefined && look.contenders !== undefined,
  );
  const looks = all.filter((look) => look.end > from && look.start < to);
  // A line that never agreed with the record, not even in the steady state, is not the one of this cluster.
  const comparable = all.some((look) => look.end <= from && look.leader && !disagrees(look));
  const disagreed = comparable ? longestDisagreement(looks) : { ms: 0, looks: [] };
  const changes = mostChanges(looks);
  if (disagreed.ms >= DISAGREED || changes.count >= CHANGES) {
    const found = [
      ...(disagreed.ms >= DISAGREED ? disagreed.looks : []),
      ...(changes.count >= CHANGES ? changes.looks : []),
    ];
    found.sort((a, b) => a.end - b.end);
    return { splits: { atLeast: 1, atMost: 1 }, split: told(events, found, disagreed.ms, changes.count) };
  }
  return { splits: between(0, comparable && watchedLongEnough(events, from, to) ? 0 : null) };
}

/** Sessions that lead by the record, but are not first in line. A record without a line is one too. */
const disagrees = ({ leader, contenders }: Look): boolean =>
  leader !== null && leader !== undefined && contenders[0] !== leader.owner;

/** A time in which nobody looked may hide that both agreed: it ends the disagreement. */
function longestDisagreement(looks: readonly Look[]): { ms: number; looks: Look[] } {
  let best: { ms: number; looks: Look[] } = { ms: 0, looks: [] };
  let run: Look[] = [];
  for (const look of looks) {
    const last = run.at(-1);
    if (!disagrees(look) || (last && look.start - last.start > LEADER_BLIND_MS)) run = [];
    if (!disagrees(look)) continue;
    run.push(look);
    const ms = look.start - (run[0] as Look).end;
    if (ms > best.ms) best = { ms, looks: run };
  }
  return best;
}

function mostChanges(looks: readonly Look[]): { count: number; looks: Look[] } {
  const changed: Look[] = [];
  let led: string | undefined;
  for (const look of looks) {
    if (!look.leader) continue;
    if (led !== undefined && look.leader.session !== led) changed.push(look);
    led = look.leader.session;
  }
  let best: { count: number; looks: Look[] } = { count: 0, looks: [] };
  changed.forEach((first, i) => {
    const within = changed.slice(i).filter((look) => look.end - first.end <= IN);
    if (within.length > best.count) best = { count: within.length, looks: within };
  });
  return best;
}

/** It comes about only when the sessions of before have run out: no sooner may anybody say that it did not. */
function watchedLongEnough(events: readonly JournalEvent[], from: number, to: number): boolean {
  const storeFaults = eventsOf(events, 'fault.resolved').filter(({ selector }) => selector.includes('zookeeper'));
  const looks = leaderLooks(events);
  if (storeFaults.length === 0) return leaderGap(looks, from, to) <= LEADER_BLIND_MS;
  const healed = eventsOf(events, 'fault.healed').filter(({ fault }) => storeFaults.some((it) => it.fault === fault));
  const back = greatest(healed.map(({ by }) => by));
  if (!storeFaults.every(({ fault }) => healed.some((it) => it.fault === fault))) return false;
  // While the store was away nobody could look, and nobody could lead.
  const since = looks.find((look) => look.end >= back)?.end ?? to;
  return (
    since - back <= LEADER_BLIND_MS &&
    leaderGap(looks, since, to) <= LEADER_BLIND_MS &&
    to - back >= sessionOf(events) + MARGIN
  );
}

function sessionOf(events: readonly JournalEvent[]): number {
  const granted = Number.parseInt(lastOf(events, 'cluster.up')?.settings['zookeeper.grantedSessionTimeout'] ?? '', 10);
  return Number.isFinite(granted) ? granted : USUAL_SESSION;
}

function told(
  events: readonly JournalEvent[],
  looks: readonly Look[],
  disagreed: number,
  changes: number,
): SplitLeadership {
  const leaders = new Map<string, SplitLeadership['leaders'][number]>();
  for (const { leader } of looks) {
    if (!leader) continue;
    const { node, address, owner } = leader;
    leaders.set(`${address} ${owner}`, { ...(node === undefined ? {} : { node }), address, owner });
  }
  const first = [...new Set(looks.flatMap(({ contenders }) => contenders[0] ?? []))];
  const [from, to] = [looks[0]?.start ?? 0, looks.at(-1)?.end ?? 0];
  const who = [...leaders.values()]
    .map(({ node, address, owner }) => `${node ?? address} (session ${owner})`)
    .join(', ');
  const how = [
    ...(disagreed >= DISAGREED
      ? [
          `for ${durationText(between(disagreed, disagreed))} the leader's record was not of the session that is first in line`,
        ]
      : []),
    ...(changes >= CHANGES ? [`the leader's record changed ${changes} times within 10 s`] : []),
  ];
  const text = `split leadership: ${how.join('; ')}; records of ${who}; first in line ${first.join(', ') || 'nobody'}${causeOf(events)}`;
  return { from, to, disagreed, changes, leaders: [...leaders.values()], first, text };
}

/** A known defect of the election library that comes with Flink 1.18 to 2.2. */
function causeOf(events: readonly JournalEvent[]): string {
  const version = (lastOf(events, 'cluster.up')?.flinkVersion ?? '').split('.').map(Number);
  const [major = 0, minor = 0] = version;
  const [fixedMajor = 0, fixedMinor = 0] = FIXED_IN;
  const fixed = major > fixedMajor || (major === fixedMajor && minor >= fixedMinor);
  const old = major < 1 || (major === 1 && minor < 18);
  return fixed || old ? '' : '; known as CURATOR-696, in Flink 1.18 to 2.2, fixed in 2.3';
}
