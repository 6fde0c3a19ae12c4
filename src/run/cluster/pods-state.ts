import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from '../../target/local/index.js';
import type { LedgerEntry } from '../safety/ledger.js';
import { openLedger } from '../safety/ledger.js';

/** What this machine knows of a cluster in pods. */
export interface PodsState {
  /** Folder of the faults that are not healed. */
  readonly ledger: string;
  readonly lock: string;
  /** The newest first. */
  open(): LedgerEntry[];
}

/** @param name of the cluster, which no other one has */
export function podsState(name: string): PodsState {
  const folder = join(stateDir(), 'clusters', `kubernetes ${name}`.replaceAll(/[^a-zA-Z0-9.-]+/g, '_'));
  mkdirSync(folder, { recursive: true });
  const ledger = join(folder, 'ledger');
  return { ledger, lock: join(folder, 'lock'), open: () => openLedger(ledger).open() };
}
