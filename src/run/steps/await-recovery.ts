import type { Objective, PhaseName } from '../../core/scenario.js';
import type { RunState } from '../run-state.js';
import { type TimelineNow, timelineNow } from '../timeline-now.js';
import { waitFor } from '../wait-for.js';

/** Watched on beyond the longest bound, so that a miss is measured and not only noticed. Milliseconds. */
const BEYOND = 10_000;
/** At least this long after the cluster must have noticed. Milliseconds. */
const PATIENCE = 60_000;
const EVERY = 250;

/**
 * Waits until the timeline of each fault is complete, or it is certain that nothing was felt, or the time is up. Begins
 * when all are effective, or healed if that comes first: its end can be felt as well as its beginning.
 */
export async function awaitRecovery(state: RunState, faults: readonly number[]): Promise<void> {
  const { clock, signal, recorder, scenario, detection, period } = state;
  const limit = longestWait(scenario.objectives, detection);
  const since = clock.mono();
  const over = (fault: number): boolean => {
    const now = timelineNow(recorder.events, fault, period);
    return now !== undefined && isOver({ ...now, effective: Math.max(now.effective, since) }, clock.mono(), detection);
  };
  await waitFor(() => (faults.every(over) ? true : undefined), { until: since + limit, clock, signal, every: EVERY });
}

/** Milliseconds after which waiting for a recovery ends, however it stands. */
export function longestWait(objectives: readonly Objective[], detection: number): number {
  const bounds = objectives
    .filter(({ unit }) => unit === 'ms')
    .map(({ atLeast = 0, atMost = 0 }) => Math.max(atLeast, atMost));
  return Math.max(detection + PATIENCE, Math.max(0, ...bounds) + BEYOND);
}

/** What comes about once the cluster has all of its nodes again. */
const AFTER_HEALING: ReadonlySet<PhaseName> = new Set(['capacityRegained', 'caughtUp']);

/** Whether nothing more can be learnt by waiting: all came back, or what should have been noticed by now was not felt. */
export function isOver({ impact, phases, effective }: TimelineNow, at: number, detection: number): boolean {
  const open = phases.some(({ name, state }) => !AFTER_HEALING.has(name) && state === 'not-reached');
  if (open) return false;
  return impact.state === 'seen' || at - effective >= detection;
}
