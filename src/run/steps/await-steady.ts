import { FlinchError } from '../../core/error.js';
import type { Scenario } from '../../core/scenario.js';
import { formatDuration } from '../../core/units.js';
import type { JournalEvent } from '../../journal/events.js';
import type { RunState } from '../run-state.js';
import { waitFor } from '../wait-for.js';
import { unsteady } from './steady-state.js';

const EVERY = 200;

/** What is particular about one run's steady state. */
export interface SteadyOptions {
  /** Records a second that came in from one moment to another (monotonic milliseconds); undefined without a lag. */
  rate(events: readonly JournalEvent[], from: number, to: number): number | undefined;
  /** Until when it is waited for (monotonic milliseconds). */
  until: number;
  /** What was before does not count (monotonic milliseconds). */
  notBefore?: number;
  /** What else must be; undefined when it is, else what is not. */
  unready?(events: readonly JournalEvent[]): string | undefined;
}

const ownLoad = ({ clock, scenario }: RunState): SteadyOptions => ({
  rate: () => rateOf(scenario),
  until: clock.mono() + scenario.steadyState.within,
});

const rateOf = ({ workload }: Scenario): number => (workload.job === 'attached' ? 0 : workload.rate);

/** Milliseconds for which the sink's producer waits before it sends. */
const lingerOf = ({ workload }: Scenario): number =>
  workload.job === 'attached' ? 0 : Number(workload.sinkConfig['linger.ms'] ?? 0) || 0;

/** Waits for the steady state and journals since when it holds. @throws FlinchError STEADY_STATE */
export async function awaitSteady(state: RunState, jobId: string, options = ownLoad(state)): Promise<void> {
  const { clock, signal, recorder, scenario, period: checkpoints } = state;
  const { hold, within } = scenario.steadyState;
  const { until, notBefore = 0 } = options;
  const linger = lingerOf(scenario);
  const { events } = recorder;
  let reason: string | undefined;
  const since = await waitFor(
    () => {
      const at = clock.mono();
      const rate = options.rate(events, at - hold, at);
      reason =
        unsteady(events, jobId, { hold, checkpoints, linger, rate }, at) ??
        (at - hold < notBefore ? 'not watched for long enough yet' : options.unready?.(events));
      return reason === undefined ? at - hold : undefined;
    },
    { until, clock, signal, every: EVERY },
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
