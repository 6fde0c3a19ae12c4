import { formatDuration } from '../../core/units.js';
import type { EventOf, JobRecord, JournalEvent } from '../../journal/events.js';
import { Configuration } from '../../predict/configuration.js';
import { eventsOf, lastOf } from '../events-of.js';
import type { Irregularity } from '../findings.js';
import { jobIds } from '../the-job.js';

type State = keyof NonNullable<JobRecord['waiting']>;

/** The setting that ends a task's time in a state; a restore may take as long as its state is large. */
const ENDED_BY: Readonly<Partial<Record<State, string>>> = {
  scheduled: 'slot.request.timeout',
  deploying: 'pekko.ask.timeout',
  canceling: 'task.cancellation.timeout',
};
/** Until that is noticed. Milliseconds. */
const MARGIN = 5_000;

interface Run {
  since: EventOf<'observed.jobs'>;
  startTime: number;
}

/** Tasks in one state for longer than the timeout that should have ended it. */
export function stuck(events: readonly JournalEvent[]): Irregularity[] {
  const set = new Configuration(lastOf(events, 'cluster.up')?.settings ?? {});
  const ids = new Set(jobIds(events));
  const found: Irregularity[] = [];
  for (const [state, key] of Object.entries(ENDED_BY) as [State, string][]) {
    const limit = set.duration(key);
    if (limit === undefined) continue;
    const runs = new Map<string, Run>();
    let worst: Irregularity | undefined;
    for (const look of eventsOf(events, 'observed.jobs')) {
      if (!look.jobs) continue;
      const job = look.jobs.find(({ id, waiting }) => ids.has(id) && (waiting?.[state] ?? 0) > 0);
      const run = runs.get(look.node);
      if (!job) runs.delete(look.node);
      else if (!run || run.startTime !== job.startTime) runs.set(look.node, { since: look, startTime: job.startTime });
      else if (look.start - run.since.end > limit + MARGIN) worst = told(state, job, run.since, look, set.told(key));
    }
    if (worst) found.push(worst);
  }
  return found;
}

function told(
  state: State,
  { waiting, total }: JobRecord,
  since: EventOf<'observed.jobs'>,
  { start, node }: EventOf<'observed.jobs'>,
  setting: string,
): Irregularity {
  const ms = start - since.end;
  return {
    kind: 'tasks that are stuck',
    from: since.end,
    to: start,
    text: `${waiting?.[state] ?? 0} of ${total} tasks were ${state} for ${formatDuration(ms)} and longer, without an end to it`,
    evidence: [`as ${node} told`, setting],
  };
}
