import { messageOf, toFlinchError } from '../../core/error.js';
import { faultNamed } from '../../fault/catalogue.js';
import type { FaultContext } from '../../fault/fault.js';
import type { EventBody } from '../../journal/events.js';
import type { Cluster } from '../../target/ports.js';
import type { Ledger, LedgerEntry } from './ledger.js';

/**
 * Healing has its own time, whatever the run has used up. Milliseconds for each fault; a pod may have to be placed first, and fetch its
 * image, and the operator starts whole clusters.
 */
export const HEAL_BUDGET: Readonly<Record<Cluster['target'], number>> = { local: 90_000, kubernetes: 200_000 };

/** Heals what the ledger holds open, the newest first; goes on after a failure. True when nothing is left. */
export async function healOpen(
  ledger: Ledger,
  context: (signal: AbortSignal) => FaultContext,
  emit: (event: EventBody) => void,
  only: (entry: LedgerEntry) => boolean = () => true,
): Promise<boolean> {
  let clean = true;
  const { target } = context(new AbortController().signal).cluster;
  for (const entry of ledger.open().filter(only)) {
    try {
      const fault = faultNamed(entry.kind);
      const proof = await fault.heal(entry.undo, context(AbortSignal.timeout(HEAL_BUDGET[target])));
      ledger.mark(entry.id, 'healed');
      emit({ type: 'fault.healed', fault: entry.fault, ...proof });
    } catch (error) {
      clean = false;
      emit({
        type: 'fault.heal-failed',
        fault: entry.fault,
        reason: messageOf(toFlinchError(error, 'HEAL_FAILED')),
        remains: `${entry.kind} on ${entry.node}`,
      });
    }
  }
  return clean;
}
