import { between, type Extent } from '../core/extent.js';
import type { Objective, PhaseName } from '../core/scenario.js';
import type { Case } from './case.js';
import { checkpoint, interval } from './limits.js';
import { predict, sinceTheFault } from './predict.js';
import type { Prediction } from './prediction.js';

/** `kept` and `missed`: whatever the settings leave open; `open`: that decides. `untold`: the model says nothing of it. */
export type Kept = 'kept' | 'missed' | 'open' | 'untold';

const PHASE_OF: Readonly<Record<string, PhaseName>> = {
  recovery: 'tasksRunning',
  firstCheckpoint: 'firstCheckpoint',
  caughtUp: 'caughtUp',
};

/** The phase that an objective bounds. Undefined where it bounds none. */
export const phaseOf = ({ name, unit }: Objective): PhaseName | undefined =>
  unit === 'ms'
    ? (PHASE_OF[name] ?? (name === 'outputGap' ? 'firstOutput' : (name.replace(/^phase\./, '') as PhaseName)))
    : undefined;

/** What the settings promise of what an objective bounds. Milliseconds; undefined where they tell nothing. */
export function promisedFor(objective: Objective, it: Case, prediction: Prediction = predict(it)): Extent | undefined {
  const phase = phaseOf(objective);
  if (phase === undefined) return undefined;
  const at = sinceTheFault(prediction).get(phase);
  if (!at || objective.name !== 'outputGap' || it.job.guarantee !== 'exactly-once') return at;
  // The last commit before the fault was up to a checkpoint ago.
  const before = (interval(it) ?? 0) + checkpoint(it);
  return between(at.atLeast, at.atMost === null ? null : at.atMost + before);
}

/** Whether an objective is kept, by what the settings promise. */
export function promiseOf(objective: Objective, it: Case, prediction: Prediction = predict(it)): Kept {
  const { name } = prediction.course;
  if (objective.impact !== undefined) {
    if (name === 'either') return 'open';
    return (objective.impact === 'none') === (name === 'none') ? 'kept' : 'missed';
  }
  const upper = objective.atMost ?? Number.POSITIVE_INFINITY;
  const lower = objective.atLeast ?? 0;
  // What is not impacted keeps every upper bound, and no lower one.
  if (name === 'none' && phaseOf(objective) !== undefined) return lower > 0 ? 'missed' : 'kept';
  const extent = promisedFor(objective, it, prediction);
  if (!extent) return 'untold';
  const most = extent.atMost ?? Number.POSITIVE_INFINITY;
  if (extent.atLeast >= lower && most <= upper) return 'kept';
  return extent.atLeast > upper || most < lower ? 'missed' : 'open';
}
