import { countText, durationText } from '../judge/extent.js';
import type { Expectation, ExpectedPhase, Extent, FaultFinding } from '../judge/findings.js';

const COURSE: Record<Expectation['course'], string> = {
  none: 'the job runs on',
  takeover: 'a JobManager takes over',
  restart: 'the job is restarted',
  silence: 'the tasks run on, and nothing is committed for a time',
  either: 'no setting tells what becomes of the job',
};

export const courseText = ({ course, why }: Pick<Expectation, 'course' | 'why'>): string => `${COURSE[course]}: ${why}`;

/** "since newLeader", "since the fault" */
export const sinceText = ({ since }: Pick<ExpectedPhase, 'since'>): string =>
  since === 'effective' ? 'since the fault' : `since ${since}`;

/** The settings that decide a phase, as they are written. */
export const decidedText = ({ decidedBy, why }: Pick<ExpectedPhase, 'decidedBy' | 'why'>): string =>
  decidedBy.length > 0 ? decidedBy.join(', ') : `no setting: ${why}`;

/** How many phases came as the settings promise, and which did not: lines for people. */
export function expectationLines({ expectation }: Pick<FaultFinding, 'expectation'>): string[] {
  if (!expectation) return [];
  const { phases, within } = expectation;
  const outside = phases.filter((phase) => phase.within === 'no');
  const unclear = phases.filter((phase) => phase.within === 'unclear').length;
  const kept = phases.length - outside.length - unclear;
  const open = unclear > 0 ? `, ${unclear} perhaps` : '';
  const of = phases.length > 0 ? [`as the settings promise: ${kept} of ${phases.length} phases${open}`] : [];
  const other = within === 'no' ? [`not as the settings promise (${courseText(expectation)})`] : [];
  return [...other, ...of, ...outside.map(outsideText), ...unexpectedRestarts(expectation)];
}

/** "once", "2 to 7 times" */
export const timesText = (count: Extent): string => {
  const { atLeast, atMost } = count;
  return atMost === 1 && atLeast === 1 ? 'once' : `${countText(count)} times`;
};

/** "3 times; promised: once (by the JobManager that takes over)" */
export const restartsText = ({ measured, takes, why }: NonNullable<Expectation['restarts']>): string =>
  `${timesText(measured)}; promised: ${timesText(takes)} (${why})`;

const unexpectedRestarts = ({ restarts }: Expectation): string[] =>
  restarts?.within === 'no' ? [`the job was started anew ${restartsText(restarts)}`] : [];

/** "slotsAllocated took 9.00 s since backoffOver; promised: 0 ms to 2.00 s (no setting: ...)" */
const outsideText = (phase: ExpectedPhase): string =>
  `${phase.name} took ${durationText(phase.measured)} ${sinceText(phase)}; promised: ${durationText(phase.takes)} (${decidedText(phase)})`;
