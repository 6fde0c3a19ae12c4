import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Known } from '../../target/kubernetes/index.js';
import { stateDir, stateUnusable } from '../../target/local/index.js';
import { type LedgerEntry, openLedger } from '../safety/ledger.js';

/** What this machine knows of a cluster in pods. */
export interface PodsState {
  /** Folder of the faults that are not healed. */
  readonly ledger: string;
  readonly lock: string;
  /** The newest first. */
  open(): LedgerEntry[];
  /** What the latest run knew of the cluster. Undefined where none has been there. */
  known(): Known | undefined;
  keep(known: Known): void;
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
  const [ledger, known] = [join(folder, 'ledger'), join(folder, 'known.json')];
  return {
    ledger,
    lock: join(folder, 'lock'),
    open: () => openLedger(ledger).open(),
    known() {
      try {
        return JSON.parse(readFileSync(known, 'utf8')) as Known;
      } catch {
        // Its disk was full, maybe: pods are numbered anew then.
        return undefined;
      }
    },
    keep(it) {
      kept(known, () => {
        writeFileSync(`${known}.tmp`, JSON.stringify(it));
        renameSync(`${known}.tmp`, known);
      });
    },
  };
}
