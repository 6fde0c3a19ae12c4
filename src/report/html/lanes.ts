import { type JobView, jobLooks } from '../../judge/job-looks.js';
import { leaderLooks } from '../../judge/leadership.js';
import { outputLooks } from '../../judge/output-looks.js';
import type { Frame } from './frame.js';

/** A stretch of one lane. Monotonic milliseconds. */
export interface Stretch {
  from: number;
  to: number;
  /** CSS class. */
  look: string;
  label: string;
}

export interface Lane {
  name: string;
  stretches: Stretch[];
}

/** Looks as stretches: each lasts to the next look, equal neighbours are one. A pause in looking stays empty. */
function stretched(looks: { at: number; look: string; label: string }[], end: number, pause: number): Stretch[] {
  const out: Stretch[] = [];
  looks.forEach(({ at, look, label }, i) => {
    const to = Math.min(looks[i + 1]?.at ?? end, at + pause, end);
    const last = out.at(-1);
    if (last && last.look === look && last.label === label && at - last.to < 1) last.to = to;
    else if (to > at) out.push({ from: at, to, look, label });
  });
  return out;
}

const VIEW: Record<JobView, string> = {
  good: 'all tasks running',
  down: 'tasks not all running',
  refused: 'answers 500 or 503',
  silent: 'no answer',
};

/** No look for this long leaves a hole in a lane. Milliseconds. */
const PAUSE = 3000;

const inSpan =
  ({ span }: Frame) =>
  (look: { start: number; end: number }): boolean =>
    look.end >= span[0] && look.start <= span[1];

export function leaderLane(frame: Frame): Lane {
  const looks = leaderLooks(frame.events);
  const sessions = [...new Set(looks.flatMap((look) => look.session ?? []))];
  const marks = looks.filter(inSpan(frame)).map((look) => {
    if (look.session === null) return { at: look.start, look: 'none', label: 'no leader' };
    const which = sessions.indexOf(look.session) % 2 === 0 ? 'leader-a' : 'leader-b';
    return { at: look.start, look: which, label: look.node ?? look.address ?? look.session };
  });
  return { name: 'leader', stretches: stretched(marks, frame.span[1], PAUSE) };
}

/** The job as each JobManager's endpoint shows it. */
export function jobLanes(frame: Frame): Lane[] {
  let byNode: ReturnType<typeof jobLooks>;
  try {
    byNode = jobLooks(frame.events);
  } catch {
    return [];
  }
  return [...byNode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([node, looks]) => {
      const marks = looks
        .filter(inSpan(frame))
        .map(({ start, view }) => ({ at: start, look: view, label: VIEW[view] }));
      return { name: `job by ${node}`, stretches: stretched(marks, frame.span[1], PAUSE) };
    });
}

/** Looks that found committed output. */
export function outputLane(frame: Frame): Lane {
  const found = outputLooks(frame.events).filter((look) => look.records > 0 && inSpan(frame)(look));
  const stretches = found.map((look) => ({
    from: Math.max(look.since, frame.span[0]),
    to: Math.min(look.end, frame.span[1]),
    look: 'output',
    label: `${look.records} records committed`,
  }));
  return { name: 'committed output', stretches };
}
