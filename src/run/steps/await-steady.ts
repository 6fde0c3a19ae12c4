import { FlinchError } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { RunState } from '../run-state.js';
import { waitFor } from '../wait-for.js';
import { unsteady } from './steady-state.js';

const EVERY = 200;

/** Waits for the steady state and journals since when it holds. @throws FlinchError STEADY_STATE */
export async function awaitSteady({ clock, signal, recorder, scenario }: RunState, jobId: string): Promise<void> {
  const { hold, within } = scenario.steadyState;
  let reason: string | undefined;
  const since = await waitFor(
    () => {
      const at = clock.mono();
      reason = unsteady(recorder.events, jobId, scenario, at);
      return reason === undefined ? at - hold : undefined;
    },
    { until: clock.mono() + within, clock, signal, every: EVERY },
  );
  if (since !== undefined) {
    recorder.emit({ type: 'steady-state', reached: true, since });
    return;
  }
  const why = `${reason} (${formatDuration(within)} after the workload was started)`;
  recorder.emit({ type: 'steady-state', reached: false, reason: why });
  throw new FlinchError('STEADY_STATE', {
    what: `the cluster was not steady: ${why}`,
    todo: 'nothing was broken; see the logs of the nodes, or give it more time with steadyState.within',
  });
}
