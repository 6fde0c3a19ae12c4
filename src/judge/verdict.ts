import { ExitCode } from '../core/error.js';
import type { Findings, Outcome, Verdict } from './findings.js';

const RANK: Record<Verdict, number> = { passed: 0, inconclusive: 1, failed: 2 };

/** The worst of several verdicts: failed, then inconclusive, then passed. None at all is inconclusive. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.length === 0 ? 'inconclusive' : verdicts.reduce((a, b) => (RANK[b] > RANK[a] ? b : a));

/** A cluster that was left broken outranks everything; an interrupted run has no verdict of its own. */
export function outcomeOf(verdict: Verdict, healFailed: boolean, interrupted: boolean): Outcome {
  if (healFailed) return 'heal-failed';
  return interrupted ? 'interrupted' : verdict;
}

const EXIT: Record<Outcome, ExitCode> = {
  passed: ExitCode.passed,
  failed: ExitCode.failed,
  inconclusive: ExitCode.inconclusive,
  'heal-failed': ExitCode.healFailed,
  interrupted: ExitCode.interrupted,
};

/** What the process exits with for this run: that a guard refused one of its faults says more than its verdict. */
export const exitCodeOf = ({ outcome, troubles }: Pick<Findings, 'outcome' | 'troubles'>): ExitCode =>
  outcome === 'inconclusive' && troubles.some(({ code }) => code === 'GUARD') ? ExitCode.refused : EXIT[outcome];
