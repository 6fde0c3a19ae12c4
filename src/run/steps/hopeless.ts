import { eventsOf } from '../../judge/events-of.js';
import type { RunState } from '../run-state.js';
import { timelineNow } from '../timeline-now.js';
import { longestWait } from './await-recovery.js';

/**
 * Tasks that have not come back for as long as anybody waits for them since all was healed: what needs them, as the lag
 * does, will not come either.
 */
export function isHopeless(
  { recorder: { events }, scenario, detection, clock, period }: RunState,
  fault: number,
): boolean {
  const healed = eventsOf(events, 'fault.healed').findLast((event) => event.fault === fault)?.by;
  if (healed === undefined || clock.mono() - healed < longestWait(scenario.objectives, detection)) return false;
  const phases = timelineNow(events, fault, period)?.phases ?? [];
  return phases.some(({ name, state }) => name === 'tasksRunning' && state === 'not-reached');
}
