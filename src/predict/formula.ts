import type { Extent } from '../core/extent.js';
import type { PhaseName } from '../core/scenario.js';
import type { Case } from './case.js';
import type { CourseName } from './course.js';

/** From what a phase is counted: another one, or the moment at which the fault took effect. */
export type Since = PhaseName | 'effective';

/** How long one phase takes in one kind of case: a line of the model. */
export interface Formula {
  phase: PhaseName;
  since: Since;
  /** The cases that it is for, in words. */
  of: string;
  /** The formula, in words. */
  takes: string;
  /** Where that is known from. */
  source: string;
  holds(it: Case, course: CourseName): boolean;
  /** Milliseconds. Undefined where a setting that it needs is not known. */
  extent(it: Case): Extent | undefined;
  /** The settings that decide it; none where it is the cluster's own work. */
  keys(it: Case): string[];
}

/** Of every job that comes back. */
export const recovers = (_: Case, course: CourseName): boolean => course === 'takeover' || course === 'restart';
