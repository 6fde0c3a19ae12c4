import type { FaultFinding, Phase } from './findings.js';

/** From bad to good; of the same state the longer one is worse. */
const ORDER: Readonly<Record<Phase['state'], number>> = { 'not-reached': 3, unclear: 2, reached: 1, 'not-impacted': 0 };

/** Of several faults the one from which the job recovered worst; what is told of a run in one figure is told of this one. */
export function worstRecovery(faults: readonly FaultFinding[]): FaultFinding | undefined {
  const felt = faults.filter((fault) => fault.effective);
  const rank = (fault: FaultFinding): [number, number] => {
    const phase = fault.phases.find(({ name }) => name === 'tasksRunning');
    return phase ? [ORDER[phase.state], phase.took?.atMost ?? phase.took?.atLeast ?? 0] : [-1, 0];
  };
  return felt.reduce<FaultFinding | undefined>((worst, fault) => {
    if (!worst) return fault;
    const [[a, x], [b, y]] = [rank(fault), rank(worst)];
    return a > b || (a === b && x > y) ? fault : worst;
  }, undefined);
}

/** The fault with the longest silence in committed output. */
export function longestSilence(faults: readonly FaultFinding[]): FaultFinding | undefined {
  const length = ({ outputGap }: FaultFinding): number => {
    const extent = outputGap?.extent;
    return extent ? (extent.atMost ?? Number.POSITIVE_INFINITY) : -1;
  };
  const felt = faults.filter((fault) => fault.effective);
  return felt.reduce<FaultFinding | undefined>(
    (longest, fault) => (!longest || length(fault) > length(longest) ? fault : longest),
    undefined,
  );
}
