import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlinchError } from '../../core/error.js';
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
  /** All of it that others have to know to heal in place of this machine; undefined where nothing is open. */
  told(): string | undefined;
  /** What another machine has told, and is not open here. The newest first. @throws FlinchError RUN_UNREADABLE */
  others(text: string): LedgerEntry[];
  /** Takes that up. What is known here already stays. @throws FlinchError RUN_UNREADABLE */
  adopt(text: string): void;
}

interface Told {
  entries: LedgerEntry[];
  known?: Known | undefined;
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
  const state: PodsState = {
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
    told() {
      const entries = state.open();
      if (entries.length === 0) return undefined;
      const told: Told = { entries, known: state.known() };
      return JSON.stringify(told);
    },
    others(text) {
      const open = state.open();
      return readTold(text).entries.filter(({ id }) => open.every((entry) => entry.id !== id));
    },
    adopt(text) {
      const told = readTold(text);
      const fresh = state.others(text);
      // Pods have the seats of the run that died last.
      if (told.known && state.open().length === 0) state.keep(told.known);
      const mine = openLedger(ledger);
      for (const { state: how, at: _at, order: _order, ...entry } of fresh.toReversed()) {
        mine.intend(entry);
        mine.mark(entry.id, how);
      }
    },
  };
  return state;
}

/** @throws FlinchError RUN_UNREADABLE */
function readTold(text: string): Told {
  try {
    const told = JSON.parse(text) as Told;
    if (Array.isArray(told.entries)) return told;
  } catch {
    // It is said below.
  }
  throw new FlinchError('RUN_UNREADABLE', {
    what: 'what an earlier run has written on its lock cannot be read',
    on: text.slice(0, 200),
    todo: 'look at the cluster yourself, then delete the Lease',
  });
}
