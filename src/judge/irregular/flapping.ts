import type { Irregularity, LeadershipFinding } from '../findings.js';

const MINUTE = 60_000;
/** One change for each fault, one for its healing, and one that a new leader causes by itself, are nothing unusual. */
const USUAL = 4;

/** Leaders that follow one another faster than faults do. @param faults when each took effect, monotonic milliseconds */
export function flapping({ history }: Pick<LeadershipFinding, 'history'>, faults: readonly number[]): Irregularity[] {
  const changes: LeadershipFinding['history'] = [];
  let led: string | undefined;
  for (const entry of history) {
    if (entry.session === null) continue;
    if (led !== undefined && entry.session !== led) changes.push(entry);
    led = entry.session;
  }
  let worst: { from: number; to: number; count: number; leaders: string[] } | undefined;
  for (const [i, { at }] of changes.entries()) {
    const within = changes.slice(i).filter((other) => other.at.by - at.by <= MINUTE);
    const caused = faults.filter((fault) => fault >= at.by - MINUTE && fault <= at.by + MINUTE).length;
    if (within.length <= Math.max(USUAL, 2 * caused) || within.length <= (worst?.count ?? 0)) continue;
    const to = within.at(-1)?.at.by ?? at.by;
    worst = { from: at.by, to, count: within.length, leaders: within.map((it) => it.node ?? it.address ?? '?') };
  }
  if (!worst) return [];
  const { from, to, count, leaders } = worst;
  return [
    {
      kind: 'leaders that flap',
      from,
      to,
      text: `the leader changed ${count} times within a minute`,
      evidence: [`in turn: ${leaders.slice(0, 20).join(', ')}${leaders.length > 20 ? ', ...' : ''}`],
    },
  ];
}
