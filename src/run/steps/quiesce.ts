import { messageOf } from '../../core/error.js';
import { formatDuration } from '../../core/units.js';
import type { LaneProduced } from '../../journal/events.js';
import { eventsOf } from '../../judge/events-of.js';
import type { RunState } from '../run-state.js';
import { isHopeless } from './hopeless.js';
import { LAST_SENDS, type RunningWorkload } from './workload.js';

/** Milliseconds for the job to work off what was written. */
const DRAIN_WITHIN = 60_000;
/** And for one whose tasks have not come back in all the time that they had. */
const HOPELESS_WITHIN = 10_000;
const EVERY = 200;
/** Looks in a row without a difference: a control record may follow the last record. */
const IN_A_ROW = 2;

/**
 * Stops producing and waits until the committed output has caught up and no transaction is open. Not drained in its
 * time is trouble within this step, which the judge takes into account.
 */
export async function quiesce(state: RunState, workload: RunningWorkload): Promise<LaneProduced[]> {
  const { clock, signal, recorder } = state;
  const produced = await workload.producer.stop(LAST_SENDS);
  const fault = eventsOf(recorder.events, 'fault.effective').at(-1)?.fault;
  const within = fault !== undefined && isHopeless(state, fault) ? HOPELESS_WITHIN : DRAIN_WITHIN;
  const until = clock.mono() + within;
  let last = 'the output was not looked at';
  for (let good = 0; good < IN_A_ROW; ) {
    signal.throwIfAborted();
    const open = await undrained(workload);
    if (open === undefined) good++;
    else {
      good = 0;
      last = open;
    }
    if (good < IN_A_ROW && clock.mono() >= until) {
      recorder.emit({
        type: 'trouble',
        code: 'DEADLINE',
        message: `the job had not drained ${formatDuration(within)} after the last record: ${last}`,
      });
      break;
    }
    await clock.sleep(EVERY, signal);
  }
  return produced;
}

/** Undefined when everything acknowledged is in the committed output and no transaction is open, else what is missing. */
async function undrained({ reader, output, lag }: RunningWorkload): Promise<string | undefined> {
  const behind = lag();
  if (behind > 0) return `${behind} acknowledged records are not in the committed output`;
  try {
    const open = (await reader.offsets(output)).filter((p) => p.lastStableOffset < p.highWatermark);
    return open.length > 0
      ? `a transaction is open on partition ${open.map(({ partition }) => partition).join(', ')}`
      : undefined;
  } catch (error) {
    return messageOf(error);
  }
}
