import { eventsOf, loadEnd, steadyEnd } from '../../judge/events-of.js';
import { splitLeadership } from '../../judge/split-leadership.js';
import type { RunState } from '../run-state.js';
import { isHopeless } from './hopeless.js';

/**
 * Why a cluster is not cleared for another run, which would take long and come to nothing: two have led it, or the tasks of
 * the job have not come back. Undefined where it may be worth it.
 */
export function beyondRepair(state: RunState): string | undefined {
  const { events } = state.recorder;
  const { splits } = splitLeadership(events, steadyEnd(events), loadEnd(events));
  if (splits.atLeast > 0) return 'two JobManagers have led at once';
  const fault = eventsOf(events, 'fault.effective').at(-1)?.fault;
  return fault !== undefined && isHopeless(state, fault) ? 'its tasks have not come back' : undefined;
}
