import { FlinchError } from '../../core/error.js';
import type { FaultSpec, Scenario } from '../../core/scenario.js';
import type { Capability, Lacking } from '../../target/ports.js';

/**
 * Refuses a scenario that needs what the target lacks, for its cluster or its faults, before anything is started.
 * @param requires the capabilities that a fault asks for
 * @throws FlinchError CAPABILITY_MISSING with all that is refused, and the reason
 */
export function refuseLacking(
  scenario: Scenario,
  lacking: Lacking,
  requires: (fault: FaultSpec) => readonly Capability[],
): void {
  const nameless = scenario.cluster.names ? lacking.names : undefined;
  const cluster = nameless === undefined ? [] : [`cluster.names needs the capability names: ${nameless}`];
  const faults = scenario.faults.flatMap((fault, index) =>
    requires(fault).flatMap((capability) => {
      const why = lacking[capability];
      return why === undefined ? [] : [`fault ${index + 1} (${fault.kind}) needs the capability ${capability}: ${why}`];
    }),
  );
  const refused = [...cluster, ...faults];
  if (refused.length === 0) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'the target cannot do what the scenario asks',
    on: refused.join('\n'),
  });
}
