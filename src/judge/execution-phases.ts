import type { Interval } from '../core/poll.js';
import type { PhaseName } from '../core/scenario.js';
import type { Entered } from '../journal/events.js';
import { executionLooks, inJournal, type PlacedLook } from './execution-looks.js';
import { greatest } from './extent.js';
import type { Impact, Phase } from './findings.js';
import { notImpacted, notReached, reached, unclear } from './phase.js';
import type { Recovery } from './recovery.js';
import { starts } from './the-job.js';
import type { Window } from './timeline.js';

/** How a job came back. */
export type Failover =
  | 'JobManager failover'
  | 'new start of the job'
  | 'restart of the whole job'
  | 'restart of a region';

/** Those that Flink's own times tell. */
export const EXECUTION_PHASES = [
  'detected',
  'jobGraphRecovered',
  'backoffOver',
  'slotsAllocated',
  'deployed',
  'stateRestored',
] as const satisfies readonly PhaseName[];

export interface ExecutionTimeline {
  phases: Phase[];
  failover?: Failover;
}

const began = ({ timestamps }: PlacedLook): number =>
  Math.max(timestamps.INITIALIZING ?? 0, timestamps.RESTARTING ?? 0);

/** Looks that show a start of the job within the window: a later look may still tell of it. */
function restartsIn(looks: readonly PlacedLook[], { effective, to }: Window): PlacedLook[] {
  return looks.filter((look) => {
    const at = inJournal(look, began(look));
    return at.by >= effective.after && at.after <= to;
  });
}

/**
 * The last look at the latest of these starts at which its tasks all ran, and did within the window. An earlier start that was whole
 * says nothing of a job that was started once more, or that was down afterwards and stayed so.
 */
function lastWhole(looks: readonly PlacedLook[], { to }: Window, outage: Recovery['outage']): PlacedLook | undefined {
  const latest = greatest(looks.map((look) => inJournal(look, began(look)).after));
  return looks.findLast((look) => {
    const { tasks } = look;
    if (!tasks?.ran || tasks.started === 0 || tasks.running < tasks.started) return false;
    const ran = inJournal(look, tasks.ran[1]);
    if (outage && !outage.recovered && ran.by < outage.lastDown) return false;
    return ran.after <= to && inJournal(look, began(look)).by >= latest;
  });
}

const restartOf = (look: PlacedLook): number => look.timestamps.RESTARTING ?? 0;
/** A JobManager that takes over makes the job anew; one that restarts it keeps the moment at which it was made. */
const takenOver = (look: PlacedLook, { effective }: Window): boolean =>
  inJournal(look, look.timestamps.INITIALIZING ?? 0).by >= effective.after;

/** The first sign that Flink knew: a restart, or the end of the leadership. */
function detected(restarts: readonly PlacedLook[], window: Window, lost: Interval | undefined): Phase {
  const { effective } = window;
  const signs: { at: Interval; what: string }[] = lost ? [{ at: lost, what: 'the leadership ended' }] : [];
  for (const look of restarts) {
    const at = inJournal(look, restartOf(look));
    if (restartOf(look) > 0 && at.by >= effective.after) signs.push({ at, what: 'the job began to restart' });
  }
  const [first] = signs.sort((a, b) => a.at.by - b.at.by);
  if (!first) return unclear('detected', 'no look saw when Flink began to restart the job');
  return reached('detected', effective, notBefore(first.at, effective), first.what);
}

/** What came about after the fault did so no earlier than it may have taken effect. */
const notBefore = ({ after, by }: Interval, effective: Interval): Interval => ({
  after: Math.max(after, effective.after),
  by: Math.max(by, effective.after),
});

/** How it came back, and when its tasks had what they needed, by Flink's own times. */
export function executionTimeline(
  window: Window,
  impact: Impact,
  { outage }: Recovery,
  lost: Interval | undefined,
): ExecutionTimeline {
  const { events, effective } = window;
  if (impact.state === 'none') return { phases: EXECUTION_PHASES.map((name) => notImpacted(name, impact.text)) };
  const restarts = restartsIn(executionLooks(events, effective.after), window);
  const first = detected(restarts, window, lost);
  const whole = lastWhole(restarts, window, outage);
  if (!whole?.tasks) return { phases: [first, ...unfinished(restarts.at(-1), window, outage)] };
  const { tasks, timestamps } = whole;
  const at = (name: PhaseName, time: number | undefined, what: string): Phase[] =>
    time === undefined ? [] : [reached(name, effective, notBefore(inJournal(whole, time), effective), what)];
  const last = (times: Entered | undefined) => times?.[1];
  const over = takenOver(whole, window);
  const backoff = restartOf(whole) > 0 && (timestamps.RUNNING ?? 0) >= restartOf(whole);
  const of = tasks.started === tasks.total ? `all ${tasks.total} tasks` : `${tasks.started} of ${tasks.total} tasks`;
  return {
    failover:
      over && startedAgain(whole, window) ? 'new start of the job' : failoverOf(over, tasks.started === tasks.total),
    phases: [
      first,
      ...at('jobGraphRecovered', over ? timestamps.INITIALIZING : undefined, 'the new leader had the job'),
      ...at('backoffOver', backoff ? timestamps.RUNNING : undefined, 'the delay of the restart strategy was over'),
      ...at('slotsAllocated', last(tasks.deploying), `${of} had slots`),
      ...at('deployed', last(tasks.initializing), `${of} were at their TaskManagers`),
      ...at('stateRestored', last(tasks.ran), `${of} had their state`),
    ],
  };
}

/** Whether somebody has submitted it within the window: whoever did told so once Flink had made it. */
const startedAgain = (look: PlacedLook, { events, effective, to }: Window): boolean => {
  const made = inJournal(look, look.timestamps.INITIALIZING ?? 0).after;
  return starts(events).some(({ mono }) => mono > effective.after && mono <= to && made <= mono);
};

/** What is restarted once more after a takeover came back by the takeover all the same. */
const failoverOf = (over: boolean, whole: boolean): Failover => {
  if (over) return 'JobManager failover';
  return whole ? 'restart of the whole job' : 'restart of a region';
};

/** Where the tasks were when they were last seen, of a job that did not come back; otherwise nobody has looked in time. */
function unfinished(look: PlacedLook | undefined, { effective }: Window, outage: Recovery['outage']): Phase[] {
  const names = ['slotsAllocated', 'deployed', 'stateRestored'] as const;
  if (!outage || outage.recovered) return names.map((name) => unclear(name, "Flink's own times were not seen"));
  const tasks = look?.tasks;
  const where = tasks ? `${tasks.running} of ${tasks.total} tasks ran when they were last seen` : 'no task was seen';
  return names.map((name) => notReached(name, effective, outage.lastDown, where));
}
