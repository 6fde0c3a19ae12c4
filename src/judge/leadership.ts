import type { Interval } from '../core/poll.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { eventsOf } from './events-of.js';
import { between, greatest } from './extent.js';
import type { LeadershipFinding } from './findings.js';

/** A look at the leader that has an answer; `session` null: no leader was recorded. */
export interface LeaderLook {
  start: number;
  end: number;
  by: 'watch' | 'poll';
  session: string | null;
  node?: string;
  address?: string;
}

/** Looks further apart than this could hide a change of leader and back. Milliseconds. */
export const LEADER_BLIND_MS = 5000;

function toLook(event: EventOf<'observed.leader'>): LeaderLook[] {
  const { start, end, by, leader } = event;
  if (event.error !== undefined || leader === undefined) return [];
  if (leader === null) return [{ start, end, by, session: null }];
  const { session, node, address } = leader;
  return [{ start, end, by, session, address, ...(node === undefined ? {} : { node }) }];
}

/** Looks at the leader that have an answer, in the order in which the answers came. */
export const leaderLooks = (events: readonly JournalEvent[]): LeaderLook[] =>
  eventsOf(events, 'observed.leader')
    .flatMap(toLook)
    .sort((a, b) => a.end - b.end || a.start - b.start);

/** The first change away from `is`, bounded below by the last look that began before and still showed it. */
export function firstChange(
  looks: readonly LeaderLook[],
  from: number,
  is: (look: LeaderLook) => boolean,
): { look: LeaderLook; at: Interval } | undefined {
  const look = looks.find((l) => l.end > from && !is(l));
  if (!look) return undefined;
  const after = greatest(looks.filter((l) => is(l) && l.start < look.end).map((l) => l.start));
  return { look, at: { after: Number.isFinite(after) ? after : look.start, by: look.end } };
}

/** Who led when, and how often that changed after `from`. */
export function leadershipOf(
  looks: readonly LeaderLook[],
  from: number,
  to: number,
): Pick<LeadershipFinding, 'changes' | 'history'> {
  const history: LeadershipFinding['history'] = [];
  let shown: LeaderLook | undefined;
  let led: string | undefined;
  let changes = 0;
  let before = Number.NEGATIVE_INFINITY;
  for (const look of looks) {
    if (look.end > to) break;
    // An answer that was already under way when a newer one came may be older than it.
    if (shown && look.session !== shown.session && look.start < shown.end) continue;
    if (!shown || look.session !== shown.session) {
      const { by, session, node, address } = look;
      const at = { after: shown ? before : look.start, by: look.end };
      history.push({ at, session, by, ...(node ? { node } : {}), ...(address ? { address } : {}) });
      if (session !== null) {
        if (led !== undefined && session !== led && look.end > from) changes++;
        led = session;
      }
      shown = look;
    }
    before = look.start;
  }
  return { changes: between(changes, leaderGap(looks, from, to) > LEADER_BLIND_MS ? null : changes), history };
}

/** Longest time between looks that have an answer, over [from, to]; infinite when a side has none. Milliseconds. */
export function leaderGap(looks: readonly LeaderLook[], from: number, to: number): number {
  const starts = looks.map((look) => look.start).sort((a, b) => a - b);
  const before = starts.filter((start) => start <= from).at(-1) ?? Number.NEGATIVE_INFINITY;
  const marks = [before, ...starts.filter((start) => start > from && start <= to), to];
  return greatest(marks.slice(1).map((mark, i) => mark - (marks[i] as number)));
}
