import type { Ledger } from './ledger.js';

/** A ledger of whose changes others are told. @param tell called after each change; changes that come meanwhile are told of together */
export function sharedLedger(ledger: Ledger, tell: () => Promise<void>): Ledger {
  let told: Promise<void> = Promise.resolve();
  let waits = false;
  const changed = (): void => {
    if (waits) return;
    waits = true;
    told = told
      .catch(() => {})
      .then(() => {
        waits = false;
        return tell();
      });
    // Whoever waits hears of it.
    told.catch(() => {});
  };
  return {
    intend(entry) {
      ledger.intend(entry);
      changed();
    },
    mark(id, state) {
      ledger.mark(id, state);
      changed();
    },
    open: () => ledger.open(),
    known: () => told,
  };
}
