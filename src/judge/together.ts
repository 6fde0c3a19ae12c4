import type { FaultFinding } from './findings.js';

/** The faults that took effect, those that belong together side by side; what is told of one is told of its first. */
export function together(faults: readonly FaultFinding[]): FaultFinding[][] {
  const groups: FaultFinding[][] = [];
  for (const fault of faults) {
    if (fault.beside && groups.length > 0) groups.at(-1)?.push(fault);
    else groups.push([fault]);
  }
  return groups.map((group) => group.filter(({ effective }) => effective)).filter((group) => group.length > 0);
}
