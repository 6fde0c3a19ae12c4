import { COUNT_OBJECTIVES, NOT_STOPPED, type Objective, OPERATIONS, type PhaseName } from '../core/scenario.js';
import { formatDuration } from '../core/units.js';
import { compare, countText, durationText } from './extent.js';
import type { Balance, Extent, FaultFinding, LeadershipFinding, ObjectiveFinding, Phase, Verdict } from './findings.js';
import { together } from './together.js';
import { worst } from './verdict.js';

/** What the objectives are held against. A part that could not be judged is absent. */
export interface Measured {
  faults: readonly FaultFinding[];
  leadership?: LeadershipFinding | undefined;
  balance?: Balance | undefined;
  /** Why the run was stopped, by a condition of its scenario. */
  stopped?: string | undefined;
}

interface Answer {
  verdict: Verdict;
  measured: string;
  text: string;
  extent?: Extent;
}

const unknown = (text: string): Answer => ({ verdict: 'inconclusive', measured: 'not known', text });

/** Holds what is known against the bound, and says which of the three it is. */
function hold(extent: Extent, objective: Objective, measured: string, what: string): Answer {
  const verdict = compare(extent, objective);
  const tail = {
    passed: `within the bound (${objective.text})`,
    failed: `outside the bound (${objective.text})`,
    inconclusive: `the bound (${objective.text}) lies inside what the measurement leaves open`,
  }[verdict];
  return { verdict, measured, extent, text: `${what}: ${tail}` };
}

/** What nobody saw is not known, but a bound that it must have kept is kept. */
function unseenAnswer(objective: Objective, { text, unseenWithin }: Phase): Answer {
  if (unseenWithin === undefined) return unknown(text);
  const extent = { atLeast: 0, atMost: unseenWithin };
  if (compare(extent, objective) === 'inconclusive') return unknown(text);
  const within = formatDuration(unseenWithin);
  return hold(
    extent,
    objective,
    `not seen, within ${within}`,
    `${text}; one that nobody saw was over within ${within}`,
  );
}

function phaseAnswer(objective: Objective, phase: Phase): Answer {
  if (phase.state === 'unclear') return unseenAnswer(objective, phase);
  if (phase.state === 'not-impacted') {
    // Not impacted keeps every upper bound, and no lower one: an outage that was expected did not come.
    const verdict = (objective.atLeast ?? 0) > 0 ? 'failed' : 'passed';
    return { verdict, measured: 'not impacted', text: phase.text };
  }
  const took = phase.took as Extent;
  const measured =
    phase.state === 'reached' ? durationText(took) : `not in ${durationText(took).replace('more than ', '')}`;
  return hold(took, objective, measured, phase.text);
}

function impactAnswer(objective: Objective, fault: FaultFinding): Answer {
  const impact = fault.impact;
  if (!impact) return unknown('the impact could not be judged');
  const felt = impact.state === 'seen' || impact.restarted;
  if (!felt && impact.state === 'unclear') return unknown(impact.text);
  const verdict = felt === (objective.impact === 'some') ? 'passed' : 'failed';
  return { verdict, measured: felt ? 'impacted' : 'not impacted', text: impact.text };
}

function gapAnswer(objective: Objective, { outputGap }: FaultFinding): Answer {
  if (!outputGap?.extent) return unknown(outputGap?.text ?? 'the output could not be judged');
  return hold(outputGap.extent, objective, durationText(outputGap.extent), outputGap.text);
}

const NOUN: Record<(typeof COUNT_OBJECTIVES)[number], string> = {
  lost: 'acknowledged records not in the committed output',
  duplicated: 'extra occurrences in the committed output',
  unexpected: 'records in the committed output that nobody wrote',
  reordered: 'records behind a later one of their lane',
  recovered: 'records of unknown outcome that arrived',
  wrongState: 'updates that contradict the input',
  leaderChanges: 'changes of the leader after the fault',
  splitLeadership: 'split leaderships: more than one JobManager took itself for the leader',
};

type Counted = (typeof COUNT_OBJECTIVES)[number];
const ofLeaders = (name: Counted) => name === 'leaderChanges' || name === 'splitLeadership';

function countOf(name: Counted, { leadership, balance }: Measured): Extent | undefined {
  if (name === 'leaderChanges') return leadership?.changes;
  return name === 'splitLeadership' ? leadership?.splits : balance?.[name];
}

function countAnswer(objective: Objective, name: (typeof COUNT_OBJECTIVES)[number], m: Measured): Answer {
  const extent = countOf(name, m);
  if (!extent) {
    return unknown(
      name === 'wrongState' && m.balance ? 'only the count job shows its state' : 'this could not be counted',
    );
  }
  const noun =
    name === 'wrongState' && m.balance?.aggregated ? 'groups whose totals contradict the source' : NOUN[name];
  const answer = hold(extent, objective, countText(extent), `${countText(extent)} ${noun}`);
  const why = ofLeaders(name) ? ['the leader was not looked at often enough'] : (m.balance?.reasons ?? []);
  return answer.verdict === 'inconclusive' && why.length > 0
    ? { ...answer, text: `${answer.text} (${why.join('; ')})` }
    : answer;
}

const PHASE_OF: Record<string, PhaseName> = {
  recovery: 'tasksRunning',
  firstCheckpoint: 'firstCheckpoint',
  caughtUp: 'caughtUp',
};

const stopAnswer = ({ stopped }: Measured): Answer =>
  stopped === undefined
    ? { verdict: 'passed', measured: 'not held', text: 'no stop condition held' }
    : { verdict: 'failed', measured: 'held', text: `the run was stopped: ${stopped}` };

/** Each operation by itself; what is expected of none of them is still told. */
function operationsAnswer({ faults }: Measured): Answer {
  const all = faults.flatMap(({ index, kind, operation }) => (operation ? [{ index, kind, ...operation }] : []));
  if (all.length === 0) return unknown('no operation was begun');
  const verdicts = all.map(({ expected, state }): Verdict => {
    if (state === undefined) return 'inconclusive';
    if (expected === 'either') return 'passed';
    if (state === 'unknown') return 'inconclusive';
    return state === expected ? 'passed' : 'failed';
  });
  const verdict = worst(verdicts);
  const good = verdicts.filter((v) => v === 'passed').length;
  const told = all.filter((_, i) => verdict === 'passed' || verdicts[i] === verdict);
  const lines = told.map(({ index, kind, expected, text }) => {
    const wanted = verdict === 'passed' ? '' : ` (it was to be ${expected})`;
    return `${kind} (${index + 1}): ${text}${wanted}`;
  });
  return { verdict, measured: `${good} of ${all.length}`, text: lines.join('; ') };
}

/**
 * An objective that is measured per fault holds when it holds for each; the worst one is told, of equals the longest.
 * Faults that belong together are judged as one: the time of the first is that of them all.
 */
function perFault(faults: readonly FaultFinding[], answer: (fault: FaultFinding) => Answer): Answer {
  const felt = together(faults).flatMap(([first]) => first ?? []);
  if (felt.length === 0) return unknown('no fault was effective');
  const answers = felt.map(answer);
  const verdict = worst(answers.map((a) => a.verdict));
  const length = (i: number) => answers[i]?.extent?.atMost ?? answers[i]?.extent?.atLeast ?? -1;
  const [told = 0] = answers
    .flatMap((a, i) => (a.verdict === verdict ? [i] : []))
    .sort((i, j) => length(j) - length(i) || i - j);
  const shown = answers[told] as Answer;
  return felt.length === 1 ? shown : { ...shown, text: `fault ${(felt[told]?.index ?? 0) + 1}: ${shown.text}` };
}

function answerTo(objective: Objective, m: Measured): Answer {
  const { name } = objective;
  if (name === 'impact') return perFault(m.faults, (fault) => impactAnswer(objective, fault));
  if (name === OPERATIONS) return operationsAnswer(m);
  if (name === NOT_STOPPED) return stopAnswer(m);
  if (name === 'outputGap') return perFault(m.faults, (fault) => gapAnswer(objective, fault));
  const count = COUNT_OBJECTIVES.find((other) => other === name);
  if (count) return countAnswer(objective, count, m);
  const wanted = PHASE_OF[name] ?? name.replace(/^phase\./, '');
  return perFault(m.faults, (fault) => {
    // A job that never ran with fewer tasks had all of them when it had recovered.
    const names = wanted === 'capacityRegained' ? [wanted, 'tasksRunning'] : [wanted];
    const [phase] = names.flatMap((one) => fault.phases.find((p) => p.name === one) ?? []);
    return phase ? phaseAnswer(objective, phase) : unknown('this could not be measured');
  });
}

/** The objective's verdict. With `reasons` nothing counts: what was measured is still shown. */
export function judgeObjective(objective: Objective, measured: Measured, reasons: readonly string[]): ObjectiveFinding {
  const answer = answerTo(objective, measured);
  const { name, unit, text: bound } = objective;
  // What held until the run was stopped might not have held to its end.
  const early = measured.stopped !== undefined && answer.verdict === 'passed' ? ['the run was stopped early'] : [];
  const [reason] = [...reasons, ...early];
  if (reason === undefined) return { name, unit, bound, ...answer };
  return { name, unit, bound, ...answer, verdict: 'inconclusive', text: `${reason} (measured: ${answer.text})` };
}
