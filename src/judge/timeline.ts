import type { Interval } from '../core/poll.js';
import { groupStart } from '../core/scenario.js';
import type { EventOf, JournalEvent } from '../journal/events.js';
import { capacityPhase, rescalingIn } from './capacity.js';
import { CACHE_MS, firstCheckpointAfter, monoOffset, wrongClock } from './checkpoints.js';
import { eventsOf, lastOf, loadEnd, steadyEnd } from './events-of.js';
import { executionTimeline } from './execution-phases.js';
import { durationText, elapsedAtMost } from './extent.js';
import type { FaultFinding, Impact, Phase } from './findings.js';
import { densityOf, impactOf, restartSeen, unrestored } from './impact.js';
import { type JobLook, jobLooks } from './job-looks.js';
import { caughtUpPhase } from './lag-phase.js';
import { leaderPhases } from './leader-phases.js';
import { firstOutputAfter, outputLooks } from './output-looks.js';
import { notImpacted, notReached, reached, unclear } from './phase.js';
import { type Recovery, recoveryOf } from './recovery.js';
import { feltSilences, outputGapOf, type Silence, usualSilence, withSilence } from './silence.js';

/** What the timeline of one fault is cut from: it ends where the next fault or the end of the load begins. */
export interface Window {
  events: readonly JournalEvent[];
  effective: Interval;
  /** Undefined when healing was not proven within the window. */
  healed?: Interval;
  to: number;
  /** Milliseconds between checkpoints, as the scenario has it. */
  period: number;
}

/**
 * Looks of the window at each endpoint; a look belongs to it when it ended after the fault may have been there, and before
 * the next one may: what it found may otherwise be that one's doing.
 */
function within(byNode: ReadonlyMap<string, JobLook[]>, { effective, to }: Window): Map<string, JobLook[]> {
  const cut = [...byNode].map(
    ([node, looks]) => [node, looks.filter((look) => look.end > effective.after && look.end <= to)] as const,
  );
  return new Map(cut.filter(([, looks]) => looks.length > 0));
}

/** Whether the last look at some endpoint before the fault was good. */
export function goodBefore(byNode: ReadonlyMap<string, JobLook[]>, at: number): boolean {
  return [...byNode.values()].some((looks) => looks.filter((look) => look.end <= at).at(-1)?.view === 'good');
}

function tasksRunning(window: Window, impact: Impact, { outage }: Recovery, overBy: number | undefined): Phase {
  if (impact.state === 'none') return notImpacted('tasksRunning', impact.text);
  if (!outage) {
    const phase = unclear('tasksRunning', impact.text);
    // A restart that no look saw may have come outside of every long gap.
    if (impact.restarted || overBy === undefined) return phase;
    return { ...phase, unseenWithin: elapsedAtMost(window.effective, overBy) };
  }
  if (!outage.recovered) {
    return notReached('tasksRunning', window.effective, outage.lastDown, 'all tasks running again was not seen');
  }
  const again = outage.count > 1 ? ` (the last of ${outage.count} recoveries)` : '';
  return reached('tasksRunning', window.effective, outage.recovered, `every task ran again${again}`);
}

function firstCheckpoint(window: Window, { outage }: Recovery, offset: number): Phase {
  const looks = eventsOf(window.events, 'observed.checkpoints').filter((look) => look.error === undefined);
  const { effective } = window;
  const wrong = wrongClock(
    window.events.filter(({ mono }) => mono < window.to),
    effective.after,
    offset,
  );
  if (wrong !== undefined) return unclear('firstCheckpoint', wrong);
  // One that was triggered while the job still ran, or between two outages, is none of a job that has recovered.
  const down = outage?.lastDown ?? Number.NEGATIVE_INFINITY;
  const since = { after: Math.max(effective.after, down), by: Math.max(effective.by, down) };
  const found = firstCheckpointAfter(window.events, since, offset, Number.POSITIVE_INFINITY);
  if (found) return reached('firstCheckpoint', window.effective, found.at, `checkpoint ${found.id} completed`);
  const last = looks.at(-1);
  if (!last || last.start < window.effective.by) return unclear('firstCheckpoint', 'checkpoints were not observed');
  const seen = last.start - CACHE_MS;
  return notReached('firstCheckpoint', window.effective, seen, 'no checkpoint triggered after the fault completed');
}

function firstOutput(window: Window, impact: Impact, { outage }: Recovery, silence: Silence | undefined): Phase {
  if (!outage && silence) return outputAfterSilence(window, silence);
  if (impact.state === 'none') return notImpacted('firstOutput', impact.text);
  if (!outage) return unclear('firstOutput', impact.text);
  const looks = outputLooks(window.events);
  const at = firstOutputAfter(looks, outage.recovered?.after ?? outage.lastDown);
  if (at) return reached('firstOutput', window.effective, at, 'committed output flowed again');
  const last = looks.at(-1);
  if (!last || last.start < outage.lastDown) return unclear('firstOutput', 'the output was not observed');
  return notReached('firstOutput', window.effective, Math.min(last.start, window.to), 'no committed output was seen');
}

/** Brokers that are away stop the output without stopping a task. */
function outputAfterSilence({ effective, events, to }: Window, { ended }: Silence): Phase {
  if (ended) return reached('firstOutput', effective, ended, 'committed output flowed again');
  const seen = Math.min(outputLooks(events).at(-1)?.start ?? to, to);
  return notReached('firstOutput', effective, seen, 'no committed output was seen');
}

/** Phases, impact and silence of one fault that took effect. */
export function timelineOf(window: Window, stamp: { mono: number; wall: number }): Partial<FaultFinding> {
  const { events, effective, to, period } = window;
  const all = jobLooks(events);
  const looks = within(all, window);
  const flat = [...looks.values()].flat();
  const recovery = recoveryOf(looks, effective.after, rescalingIn(window, looks, monoOffset(stamp)));
  const until = Math.min(window.healed?.by ?? to, to);
  const good = [...all.values()].flat().filter((look) => look.view === 'good');
  const restarted = restartSeen([...all.values()].flat(), events, effective, to);
  const { gap: blind, overBy } = densityOf(good, effective.after, until);
  const booked = overBy !== undefined && unrestored(events, effective, overBy);
  const impact = impactOf(recovery, restarted, flat.length, blind, booked);
  const everyLook = outputLooks(events);
  const usual = usualSilence(everyLook, steadyEnd(events), period);
  // A silence that the next fault begins is none of this one.
  const output = to < loadEnd(events) ? everyLook.filter((look) => look.end <= to) : everyLook;
  const gap = outputGapOf(output, effective.after, to, usual);
  const silences = feltSilences(output, effective.after, to, usual);
  const felt = withSilence(impact, silences);
  const ofLeader = leaderPhases(window);
  // What is of a restart to more tasks is none of the recovery.
  const own = recovery.rescaled ? { ...window, to: recovery.rescaled.by } : window;
  const execution = executionTimeline(own, impact, recovery, ofLeader[0].at);
  const [detected, ...ofTasks] = execution.phases;
  return {
    impact: felt,
    ...(execution.failover && { failover: execution.failover }),
    phases: [
      ...(detected ? [detected] : []),
      ...ofLeader,
      ...ofTasks,
      tasksRunning(window, impact, recovery, overBy),
      ...capacityPhase(window, all, looks),
      firstCheckpoint(window, recovery, monoOffset(stamp)),
      firstOutput(window, felt, recovery, silences.certain),
      caughtUpPhase(window, recovery),
    ],
    outputGap: gap
      ? { extent: gap, text: `the longest silence in committed output was ${durationText(gap)}` }
      : { text: 'no committed output was seen before the fault, so its silence cannot be measured' },
  };
}

/** Where the window of a fault ends: at the next fault that is not together with it, at the end of the load, or with the journal. */
export function windowEnd(events: readonly JournalEvent[], { fault }: EventOf<'fault.effective'>): number {
  const faults = lastOf(events, 'run.started')?.scenario.faults ?? [];
  const own = groupStart(faults, fault);
  const next = eventsOf(events, 'fault.effective').find(
    (other) => other.fault > fault && groupStart(faults, other.fault) !== own,
  );
  return Math.min(loadEnd(events), next?.after ?? Number.POSITIVE_INFINITY);
}
