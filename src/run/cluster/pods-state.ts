import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir, stateUnusable } from '../../target/local/index.js';
import { type LedgerEntry, openLedger } from '../safety/ledger.js';

/** What this machine knows of a cluster in pods. */
export interface PodsState {
  /** Folder of the faults that are not healed. */
  readonly ledger: string;
  readonly lock: string;
  /** The newest first. */
  open(): LedgerEntry[];
  /** Uids of the pods that the latest run had on its seats. */
  seats(): Record<string, string>;
  keepSeats(taken: Readonly<Record<string, string>>): void;
}

/** @throws FlinchError STATE_UNUSABLE */
function kept(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw stateUnusable(path, error);
  }
}

/** @param name of the cluster, which no other one has @throws FlinchError STATE_UNUSABLE */
export function podsState(name: string): PodsState {
  const folder = join(stateDir(), 'clusters', `kubernetes ${name}`.replaceAll(/[^a-zA-Z0-9.-]+/g, '_'));
  kept(folder, () => mkdirSync(folder, { recursive: true }));
  const [ledger, seats] = [join(folder, 'ledger'), join(folder, 'seats.json')];
  return {
    ledger,
    lock: join(folder, 'lock'),
    open: () => openLedger(ledger).open(),
    seats() {
      try {
        return JSON.parse(readFileSync(seats, 'utf8')) as Record<string, string>;
      } catch {
        // No run has been there; or its disk was full, and pods are numbered anew.
        return {};
      }
    },
    keepSeats(taken) {
      kept(seats, () => {
        writeFileSync(`${seats}.tmp`, JSON.stringify(taken));
        renameSync(`${seats}.tmp`, seats);
      });
    },
  };
}
