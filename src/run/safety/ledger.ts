import fs from 'node:fs';
import path from 'node:path';
import { FlinchError, messageOf } from '../../core/error.js';

/** `intended`: written before the injection, which may or may not have happened. */
export type LedgerState = 'intended' | 'active' | 'healed';

/** One fault, as plain data: whoever reads it can heal it. */
export interface LedgerEntry {
  id: string;
  run: string;
  /** Position in the scenario. */
  fault: number;
  kind: string;
  node: string;
  undo: unknown;
  state: LedgerState;
  /** Wall milliseconds by which it is healed at the latest: the cap of the dead-man timer. */
  until: number;
  /** Wall milliseconds of the last change. */
  at: number;
  /** How many were intended in this folder before: clocks are too coarse, and may be set back. Not in older entries. */
  order?: number;
}

/** What a ledger adds itself. */
export type Entered = 'state' | 'at' | 'order';

/** Write-ahead record of faults: a file per entry, on disk (fsync) before the fault is. */
export interface Ledger {
  /** Records what is about to be done. */
  intend(entry: Omit<LedgerEntry, Entered>): void;
  mark(id: string, state: LedgerState): void;
  /** Entries that are not healed, the one intended last first: the order in which to heal. */
  open(): LedgerEntry[];
  /** Waits until others know what was written, where there are any. @throws FlinchError KUBERNETES, CLUSTER_BUSY */
  known?(): Promise<void>;
}

/** @throws FlinchError JOURNAL_WRITE, RUN_UNREADABLE */
export function openLedger(directory: string, wall: () => number = Date.now): Ledger {
  const file = (id: string) => path.join(directory, `${id}.json`);
  const writing = (work: () => void) => {
    try {
      work();
    } catch (cause) {
      if (cause instanceof FlinchError) throw cause;
      throw new FlinchError('JOURNAL_WRITE', {
        what: `the ledger could not be written: ${messageOf(cause)}`,
        on: directory,
        todo: 'free space there; no fault is injected without its ledger entry',
        cause,
      });
    }
  };
  const write = (entry: LedgerEntry) => writeDurably(file(entry.id), JSON.stringify(entry, null, 2));
  const read = (name: string): LedgerEntry => {
    try {
      return JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8')) as LedgerEntry;
    } catch (cause) {
      throw new FlinchError('RUN_UNREADABLE', {
        what: `a ledger entry cannot be read: ${messageOf(cause)}`,
        on: path.join(directory, name),
        todo: 'look at the cluster yourself, then delete the file',
        cause,
      });
    }
  };
  const names = () => fs.readdirSync(directory).filter((name) => name.endsWith('.json'));
  const nextOrder = () => Math.max(-1, ...names().map((name) => read(name).order ?? -1)) + 1;
  writing(() => fs.mkdirSync(directory, { recursive: true }));
  return {
    intend: (entry) => writing(() => write({ ...entry, state: 'intended', at: wall(), order: nextOrder() })),
    mark: (id, state) => writing(() => write({ ...read(`${id}.json`), state, at: wall() })),
    open: () =>
      names()
        .map(read)
        .filter((entry) => entry.state !== 'healed')
        .sort((a, b) => (b.order ?? -1) - (a.order ?? -1) || b.at - a.at || b.fault - a.fault),
  };
}

/** Temp file, fsync, rename, fsync of the folder: after a power cut there is the old content or the new, never half. */
function writeDurably(target: string, text: string): void {
  const temporary = `${target}.tmp`;
  const descriptor = fs.openSync(temporary, 'w');
  try {
    fs.writeSync(descriptor, text);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(temporary, target);
  const folder = fs.openSync(path.dirname(target), 'r');
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}
