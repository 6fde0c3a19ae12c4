import { FlinchError } from '../../core/error.js';
import type { Scenario } from '../../core/scenario.js';
import type { Capability, Lacking } from '../../target/ports.js';

/**
 * Refuses a scenario whose faults need what the target lacks, before anything is started.
 * @param requires the capabilities of a kind of fault
 * @throws FlinchError CAPABILITY_MISSING with every fault that is refused, and the reason
 */
export function refuseLacking(
  scenario: Scenario,
  lacking: Lacking,
  requires: (kind: string) => readonly Capability[],
): void {
  const refused = scenario.faults.flatMap(({ kind }, index) =>
    requires(kind).flatMap((capability) => {
      const why = lacking[capability];
      return why === undefined ? [] : [`fault ${index + 1} (${kind}) needs the capability ${capability}: ${why}`];
    }),
  );
  if (refused.length === 0) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'the target cannot do what the scenario asks',
    on: refused.join('\n'),
  });
}
