import type { Scenario } from '../../core/scenario.js';
import type { JournalEvent, Step } from '../../journal/events.js';

/** What a person wants to know of a run while it goes; folded from its journal. Times: monotonic milliseconds. */
export interface Progress {
  scenario: Scenario;
  began: number;
  step?: { name: Step; since: number };
  done: { name: Step; took: number }[];
  leader?: { name: string; since: number } | null;
  job?: { id: string; tasks?: { running: number; total: number; at: number } };
  checkpoint?: { id: number; at: number };
  output?: { total: number; lag?: number; lastRecords?: number };
  produced?: number;
  fault?: string;
  effective?: number;
  healed?: boolean;
  troubles: string[];
}

export const noProgress = (scenario: Scenario, began: number): Progress => ({
  scenario,
  began,
  done: [],
  troubles: [],
});

/** Takes one event into account, in place. */
export function fold(p: Progress, event: JournalEvent): void {
  switch (event.type) {
    case 'step':
      if (event.state === 'started') p.step = { name: event.step, since: event.mono };
      else if (p.step) p.done.push({ name: event.step, took: event.mono - p.step.since });
      break;
    case 'job.submitted':
    case 'job.attached':
    case 'job.followed':
      p.job = { id: event.jobId };
      break;
    case 'observed.leader': {
      if (event.error !== undefined || event.leader === undefined) break;
      const name = event.leader === null ? null : (event.leader.node ?? event.leader.address);
      if (name === null) p.leader = null;
      else if (p.leader?.name !== name) p.leader = { name, since: event.end };
      break;
    }
    case 'observed.jobs': {
      const job = event.jobs?.find(({ id }) => id === p.job?.id);
      if (job && p.job) p.job.tasks = { running: job.running + job.finished, total: job.total, at: event.end };
      break;
    }
    case 'observed.checkpoints':
      if (event.latest && event.latest.id !== p.checkpoint?.id) p.checkpoint = { id: event.latest.id, at: event.end };
      break;
    case 'observed.output': {
      const lag = event.lag ?? p.output?.lag;
      p.output = {
        total: event.total ?? p.output?.total ?? 0,
        ...(lag === undefined ? {} : { lag }),
        ...(event.records
          ? { lastRecords: event.end }
          : p.output?.lastRecords
            ? { lastRecords: p.output.lastRecords }
            : {}),
      };
      break;
    }
    case 'observed.load':
      p.produced = event.acknowledged;
      break;
    case 'fault.resolved':
      p.fault = event.selector === event.node ? event.kind : `${event.kind} ${event.selector}: ${event.node}`;
      break;
    case 'fault.effective':
      // Of several together the first: it is what the recovery is measured from.
      if (!p.scenario.faults[event.fault]?.beside) p.effective = event.by;
      p.healed = false;
      break;
    case 'fault.healed':
      p.healed = true;
      break;
    case 'trouble':
      p.troubles.push(`${event.code}: ${event.message}`);
      break;
  }
}

/** What the current step is measured against: milliseconds it has taken, and its bound where it has one. */
export function elapsed({ step, scenario, effective }: Progress, at: number): { ms: number; bound?: number } {
  if (step?.name === 'recovery' && effective !== undefined) {
    const bound = scenario.objectives.find(({ name }) => name === 'recovery')?.atMost;
    return { ms: at - effective, ...(bound === undefined ? {} : { bound }) };
  }
  const ms = step ? at - step.since : 0;
  return step?.name === 'steady-state' ? { ms, bound: scenario.steadyState.within } : { ms };
}
