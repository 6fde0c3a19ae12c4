import { z } from 'zod';
import { COUNT_OBJECTIVES, DURATION_OBJECTIVES, type Objective, PHASES, type PhaseName } from '../core/scenario.js';
import { countBound, timeBound } from './bounds.js';

/** What each objective bounds; also the text of the reference page. */
export const OBJECTIVE_MEANING: Readonly<Record<string, string>> = {
  recovery: 'From the fault being effective to every task running again.',
  outputGap: 'The longest silence in committed output.',
  firstCheckpoint: 'From the fault being effective to the first completed checkpoint after it.',
  caughtUp: 'From the fault being effective to the lag being back in its band.',
  lost: 'Acknowledged records that never came out.',
  duplicated: 'Records that came out more than once.',
  unexpected: 'Records that came out although nobody sent them.',
  reordered: 'Records that came out behind a later one of their lane, though they went in before it.',
  recovered: 'Records whose sending ended unknown, and that came out.',
  wrongState:
    "Updates of the `count` job that contradict its own input, or groups of an attached job whose totals contradict its source: the job's state is wrong.",
  leaderChanges: 'Changes of the leading JobManager during the run.',
  splitLeadership: 'Times at which more than one JobManager took itself for the leader.',
  impact: '`none`: no outage may be felt. `some`: an outage must be felt.',
};

const PHASE_MEANING: Readonly<Record<PhaseName, string>> = {
  detected: 'Flink beginning to restart the job, or the leader losing its leadership',
  leadershipLost: "the dead leader's record being gone from the high-availability store",
  newLeader: 'another session leading',
  jobGraphRecovered: 'the new leader having the job, after a change of the leader',
  backoffOver: "the restart strategy's delay being over, after a restart by the same JobManager",
  slotsAllocated: 'every task of the restart having a slot',
  deployed: 'every task of the restart being at its TaskManager',
  stateRestored: 'every task of the restart having its state',
  tasksRunning: 'every task running again; the same as `recovery`',
  capacityRegained: 'as many tasks running as before, where the adaptive scheduler went on with fewer',
  firstCheckpoint: 'the first completed checkpoint; the same as `firstCheckpoint`',
  firstOutput: 'committed output flowing again',
  caughtUp: 'the lag being back in its band; the same as `caughtUp`',
};
const phaseMeaning = (phase: PhaseName) => `From the fault being effective to ${PHASE_MEANING[phase]}.`;
const described = <T extends z.ZodType>(schema: T, description: string) => schema.optional().meta({ description });

const named = (names: readonly string[], schema: typeof timeBound | typeof countBound) =>
  Object.fromEntries(names.map((name) => [name, described(schema, OBJECTIVE_MEANING[name] as string)]));

/** Names of objectives that bound a phase. */
export const PHASE_OBJECTIVES = PHASES.map((phase) => `phase.${phase}`);

const impactSchema = z.enum(['none', 'some']);

/** The bounds that decide the verdict. */
export const objectivesSchema = z
  .strictObject(
    {
      ...named(DURATION_OBJECTIVES, timeBound),
      ...Object.fromEntries(PHASES.map((p) => [`phase.${p}`, described(timeBound, phaseMeaning(p))])),
      ...named(COUNT_OBJECTIVES, countBound),
      impact: described(impactSchema, OBJECTIVE_MEANING.impact as string),
    },
    {
      error: ({ code, input }) => {
        if (code !== 'invalid_type') return undefined;
        const right = 'write at least one bound, e.g. lost: 0';
        return input === undefined ? `is missing; ${right}` : `has no objectives; ${right}`;
      },
    },
  )
  .refine((map) => Object.values(map).some((bound) => bound !== undefined), {
    error: 'has no objectives; write at least one bound, e.g. lost: 0',
  })
  .meta({ description: 'The bounds that decide the verdict; at least one.', minProperties: 1 });

/** One objective of the scenario, from what the schema made of it. */
export function toObjective(name: string, bound: unknown): Objective {
  if (name === 'impact') {
    const impact = bound as z.output<typeof impactSchema>;
    return { name, unit: 'impact', impact, text: impact };
  }
  const unit = (COUNT_OBJECTIVES as readonly string[]).includes(name) ? 'count' : 'ms';
  return { name, unit, ...(bound as z.output<typeof timeBound>) };
}
