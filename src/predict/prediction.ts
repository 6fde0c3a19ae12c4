import type { Extent } from '../core/extent.js';
import type { PhaseName } from '../core/scenario.js';
import type { Course } from './course.js';
import type { Since } from './formula.js';
import type { PredictedRestarts } from './restarts.js';

/** How long a phase is to take. */
export interface PredictedPhase {
  name: PhaseName;
  since: Since;
  /** Milliseconds. */
  takes: Extent;
  /** "heartbeat.timeout = 6s"; none where no setting decides it. */
  decidedBy: string[];
  /** The keys of those. */
  keys: string[];
  /** The formula, in words. */
  why: string;
}

export interface Prediction {
  course: Course;
  /** In the order of a recovery; what cannot be told is left out. */
  phases: PredictedPhase[];
  restarts?: PredictedRestarts;
}
