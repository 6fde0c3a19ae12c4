import { EXECUTION_PHASES } from '../judge/execution-phases.js';
import type { FaultFinding, Phase } from '../judge/findings.js';

const DETAILS: ReadonlySet<string> = new Set(EXECUTION_PHASES);

/** The phases worth showing: of a job that did not restart, or whose own times nobody saw, the details say nothing. */
export const phasesToTell = ({ phases }: Pick<FaultFinding, 'phases'>): Phase[] =>
  phases.filter(({ name, state }) => !DETAILS.has(name) || state === 'reached' || state === 'not-reached');
