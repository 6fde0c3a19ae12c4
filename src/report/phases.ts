import { EXECUTION_PHASES } from '../judge/execution-phases.js';
import type { FaultFinding, Phase } from '../judge/findings.js';

const DETAILS: ReadonlySet<string> = new Set(EXECUTION_PHASES);

/** More faults than that, and a drawing of every phase of each is taller than anybody reads. */
const DRAWN_IN_DETAIL = 3;

/** The phases worth drawing, of one of so many faults. */
export const phasesToDraw = (fault: Pick<FaultFinding, 'phases'>, faults: number): Phase[] =>
  phasesToTell(fault).filter(({ name }) => faults <= DRAWN_IN_DETAIL || !DETAILS.has(name));

/** The phases worth showing: of a job that did not restart, or whose own times nobody saw, the details say nothing. */
export const phasesToTell = ({ phases }: Pick<FaultFinding, 'phases'>): Phase[] =>
  phases.filter(({ name, state }) => !DETAILS.has(name) || state === 'reached' || state === 'not-reached');
