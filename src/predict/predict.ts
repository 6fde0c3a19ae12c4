import type { Extent } from '../core/extent.js';
import { PHASES, type PhaseName } from '../core/scenario.js';
import type { Case } from './case.js';
import { caughtUp } from './catch-up.js';
import { type CourseName, courseOf } from './course.js';
import { MODEL } from './model.js';
import type { PredictedPhase, Prediction } from './prediction.js';
import { restarts } from './restarts.js';

/**
 * What the settings promise of one fault.
 * @param taken the course that was seen, which tells what the settings leave open
 */
export function predict(it: Case, taken?: CourseName): Prediction {
  const course = courseOf(it);
  const name = course.name === 'either' && taken !== undefined ? taken : course.name;
  const phases = PHASES.flatMap((phase): PredictedPhase[] => {
    const formula = name === 'none' ? undefined : MODEL.find((one) => one.phase === phase && one.holds(it, name));
    const takes = formula?.extent(it);
    if (!formula || !takes) return [];
    const keys = formula.keys(it);
    return [
      {
        name: phase,
        since: formula.since,
        takes,
        keys,
        decidedBy: keys.map((key) => it.set.told(key)),
        why: formula.takes,
      },
    ];
  });
  const last = name === 'none' ? undefined : caughtUp(it, sinceTheFault({ course, phases }).get('tasksRunning'));
  const again = restarts(it, name);
  return { course, phases: last ? [...phases, last] : phases, ...(again && { restarts: again }) };
}

/** When each phase comes about at the earliest and at the latest. Milliseconds since the fault; only those whose way from there is known. */
export function sinceTheFault({ phases }: Prediction): Map<PhaseName, Extent> {
  const at = new Map<PhaseName, Extent>();
  for (const { name, since, takes } of phases) {
    const from = since === 'effective' ? { atLeast: 0, atMost: 0 } : at.get(since);
    if (!from) continue;
    const atMost = from.atMost === null || takes.atMost === null ? null : from.atMost + takes.atMost;
    at.set(name, { atLeast: from.atLeast + takes.atLeast, atMost });
  }
  return at;
}
