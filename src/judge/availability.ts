import type { JournalEvent } from '../journal/events.js';
import { lastOf, loadEnd, steadyEnd } from './events-of.js';
import { between, sum } from './extent.js';
import type { Extent } from './findings.js';
import { type JobLook, jobLooks } from './job-looks.js';
import { outputLooks } from './output-looks.js';
import { type Outage, outagesOf } from './recovery.js';
import { silencesOf, usualSilence } from './silence.js';
import { periodOf } from './the-job.js';

/** How much of the time there was a job, and output. */
export interface Availability {
  /** Milliseconds from the steady state to the end of the load. */
  over: number;
  /** Of a hundred: every task ran. */
  job: Extent;
  /** Milliseconds in which not every task ran, and how many times that began. */
  down: Extent;
  outages: number;
  /** Of a hundred: committed output was no more than twice its usual silence away. Absent where none was seen before the fault. */
  output?: Extent;
  /** Milliseconds of longer silences. */
  silent?: Extent;
}

/** Longer than any answer takes, milliseconds: Flinch looks four times a second. */
const BLIND = 1_000;
/** Silences beyond so many times the longest of the steady state are output that was away. */
const USUAL = 2;

/** What is left of a hundred. */
function rest({ atLeast, atMost }: Extent, over: number): Extent {
  const percent = (ms: number) => 100 * (1 - Math.min(1, ms / over));
  return between(percent(atMost ?? over), percent(atLeast));
}

/** Times without a look that showed all tasks running, outside of every outage that was seen: an outage may hide there. */
function blind(looks: ReadonlyMap<string, readonly JobLook[]>, outages: readonly Outage[], to: number): Extent[] {
  const good = [...looks.values()]
    .flat()
    .filter(({ view }) => view === 'good')
    .sort((a, b) => a.start - b.start);
  return good.flatMap(({ end }, i): Extent[] => {
    const next = good[i + 1]?.start ?? to;
    const seen = outages.some(({ began, recovered }) => began.after < next && (recovered?.by ?? to) > end);
    return next - end > BLIND && !seen ? [between(0, next - end)] : [];
  });
}

/** Over the whole run, all faults and the time between them. Undefined of a run without a steady state or a fault. */
export function availabilityOf(events: readonly JournalEvent[]): Availability | undefined {
  const steady = lastOf(events, 'steady-state');
  const [from, to] = [steady?.reached ? (steady.since ?? steady.mono) : undefined, loadEnd(events)];
  if (from === undefined || to <= from || !Number.isFinite(steadyEnd(events))) return undefined;
  const over = to - from;
  const looks = new Map(
    [...jobLooks(events)].map(
      ([node, all]) => [node, all.filter((look) => look.end > from && look.end <= to)] as const,
    ),
  );
  const outages = outagesOf(new Map([...looks].filter(([, all]) => all.length > 0)), from);
  const felt = outages.map(({ began, recovered, lastDown }) =>
    between(Math.max(0, (recovered?.after ?? lastDown) - began.by), (recovered?.by ?? to) - began.after),
  );
  const down = sum([...felt, ...blind(looks, outages, to)]);
  const output = outputLooks(events);
  const usual = usualSilence(output, steadyEnd(events), periodOf(events));
  const known = output.some((look) => look.records > 0 && look.end <= steadyEnd(events));
  const silences = silencesOf(output, to).filter(({ from: began, ended }) => began < to && (ended?.by ?? to) > from);
  const long = silences.filter(({ extent, since }) => (extent.atMost ?? to - since) > USUAL * usual);
  const silent = sum(
    long.map(({ extent, since }) =>
      between(extent.atLeast > USUAL * usual ? extent.atLeast : 0, extent.atMost ?? to - since),
    ),
  );
  return {
    ...{ over, job: rest(down, over), down, outages: outages.length },
    ...(known && { output: rest(silent, over), silent }),
  };
}
