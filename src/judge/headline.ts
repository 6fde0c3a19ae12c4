import { NOT_STOPPED } from '../core/scenario.js';
import { countText, durationText } from './extent.js';
import type { Balance, FaultFinding, Findings, Outcome, Phase, Verdict } from './findings.js';
import { together } from './together.js';
import { worstRecovery } from './worst-fault.js';

function totals({ wrongState, aggregated }: Balance): string | undefined {
  if (!aggregated || !wrongState) return undefined;
  if (wrongState.atMost === 0) return `the totals of all ${aggregated.groups} groups are right`;
  if (wrongState.atLeast === 0) return 'whether the totals are right: not known';
  return `${countText(wrongState)} of ${aggregated.groups} groups have wrong totals`;
}

const data = (balance: Balance): string => {
  const { lost, duplicated } = balance;
  const ofGroups = totals(balance);
  if (ofGroups !== undefined) return ofGroups;
  const say = (n: { atLeast: number; atMost: number | null }, what: string): string => {
    if (n.atMost === n.atLeast) return n.atLeast === 0 ? `nothing ${what}` : `${n.atLeast} records ${what}`;
    return n.atLeast > 0 ? `at least ${n.atLeast} records ${what}` : `records ${what}: not known`;
  };
  return `${say(lost, 'lost')}, ${say(duplicated, 'duplicated')}`;
};

/** Where the job went on with fewer tasks: that alone is half of the story. */
function withFewer(phases: readonly Phase[]): string {
  const capacity = phases.find((p) => p.name === 'capacityRegained');
  if (!capacity?.took) return '';
  const all = `as many as before ${capacity.state === 'reached' ? `after ${durationText(capacity.took)}` : 'did not in the time observed'}`;
  return `, fewer than before; ${all}`;
}

function effect(fault: FaultFinding | undefined): string | undefined {
  if (!fault?.impact) return undefined;
  if (fault.impact.state === 'none') return 'the job was not impacted';
  const phase = fault.phases.find((p) => p.name === 'tasksRunning');
  if (phase?.state === 'reached' && phase.took) {
    return `every task ran again after ${durationText(phase.took)}${withFewer(fault.phases)}`;
  }
  const output = fault.phases.find((p) => p.name === 'firstOutput');
  if (phase?.state === 'not-impacted' && output?.took) {
    const took = durationText(output.took);
    return output.state === 'reached'
      ? `every task ran on, output came again after ${took}`
      : 'output did not come again in the time observed';
  }
  return phase?.state === 'not-reached' ? 'the job did not recover in the time observed' : undefined;
}

/** One sentence for a person in a hurry. */
export function headlineOf(
  outcome: Outcome,
  verdict: Verdict,
  { reasons, objectives, faults, balance }: Pick<Findings, 'reasons' | 'objectives' | 'faults' | 'balance'>,
): string {
  const unhealed = faults.find((fault) => fault.healFailed);
  if (outcome === 'heal-failed') return `The cluster was left broken: ${unhealed?.healFailed?.remains ?? 'unknown'}.`;
  const open = objectives.filter((o) => o.verdict === 'inconclusive');
  if (reasons.length > 0) return `Nothing can be concluded: ${reasons[0]}.`;
  const worst = worstRecovery(faults);
  const of = together(faults).length;
  const felt = effect(worst) && (of > 1 ? `${effect(worst)} (the worst of ${of} faults)` : effect(worst));
  const facts = [felt, balance && data(balance)].filter(Boolean).join('; ');
  if (verdict === 'inconclusive')
    return `Not every objective can be decided: ${open.map((o) => o.name).join(', ')}. ${upper(facts)}`;
  const stopped = objectives.find((o) => o.name === NOT_STOPPED && o.verdict === 'failed');
  if (stopped) return upper(stopped.text);
  const missed = objectives.filter((o) => o.verdict === 'failed').map((o) => o.name);
  return verdict === 'failed' ? `Missed: ${missed.join(', ')}. ${upper(facts)}` : upper(facts);
}

const upper = (text: string): string => (text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);
