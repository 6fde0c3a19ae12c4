import { messageOf, toFlinchError } from '../../core/error.js';
import { faultNamed } from '../../fault/catalogue.js';
import type { FaultContext } from '../../fault/fault.js';
import type { EventBody } from '../../journal/events.js';
import type { Ledger, LedgerEntry } from './ledger.js';

/** Healing has its own time, whatever the run has used up. Milliseconds for each fault. */
export const HEAL_BUDGET = 90_000;

/** Heals what the ledger holds open, the newest first; goes on after a failure. True when nothing is left. */
export async function healOpen(
  ledger: Ledger,
  context: (signal: AbortSignal) => FaultContext,
  emit: (event: EventBody) => void,
  only: (entry: LedgerEntry) => boolean = () => true,
): Promise<boolean> {
  let clean = true;
  for (const entry of ledger.open().filter(only)) {
    try {
      const fault = faultNamed(entry.kind);
      const proof = await fault.heal(entry.undo, context(AbortSignal.timeout(HEAL_BUDGET)));
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
