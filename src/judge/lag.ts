import type { Interval } from '../core/poll.js';
import { greatest } from './extent.js';
import type { OutputLook } from './output-looks.js';

/** Lag may be this much above the highest of the steady state and still count as in its band. */
export const BAND_SLACK = 1.25;
const IN_A_ROW = 3;

export type CatchUp =
  | { state: 'never-left' }
  | { state: 'unknown'; why: string }
  | { state: 'behind'; seen: number }
  | { state: 'caught-up'; at: Interval };

/** The upper end of the lag's steady-state band: records. Undefined when the lag was not watched long enough. */
export function steadyBand(looks: readonly OutputLook[], since: number, until: number): number | undefined {
  const lags = looks.filter((look) => look.start >= since && look.end <= until).flatMap((look) => look.lag ?? []);
  return lags.length < IN_A_ROW ? undefined : greatest(lags) * BAND_SLACK;
}

/**
 * When the lag was back in its band, for IN_A_ROW looks and one checkpoint period: under exactly-once the lag falls
 * with each commit and grows until the next, so one low value proves little.
 * @param down the last moment at which tasks were seen not running; nothing catches up before
 */
export function catchUp(
  looks: readonly OutputLook[],
  band: number,
  from: number,
  down: number,
  to: number,
  period: number,
): CatchUp {
  const seen = looks.filter((look) => look.lag !== undefined && look.end > from && look.end <= to);
  if (seen.length === 0) return { state: 'unknown', why: 'the lag was not observed after the fault' };
  const out = (look: OutputLook): boolean => (look.lag ?? 0) > band;
  if (!seen.some(out)) return { state: 'never-left' };
  let lastOut = Math.max(from, down);
  let left = false;
  let run: OutputLook[] = [];
  for (const look of seen) {
    if (out(look)) {
      left = true;
      lastOut = Math.max(lastOut, look.start);
      run = [];
    } else if (look.end > down && left) {
      run.push(look);
    }
    const first = run[0];
    if (first && run.length >= IN_A_ROW && look.end - first.start >= period) {
      return { state: 'caught-up', at: { after: Math.min(lastOut, first.end), by: first.end } };
    }
  }
  return { state: 'behind', seen: lastOut };
}
