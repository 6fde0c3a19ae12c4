import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/run/safety/ledger.js';
import { openLedger } from '../../../src/run/safety/ledger.js';
import { sharedLedger } from '../../../src/run/safety/shared-ledger.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const ENTRY = { id: 'run-0', run: 'run', fault: 0, kind: 'kill', node: 'jobmanager-1', undo: {}, until: 1 };

describe('a ledger of whose changes others are told', () => {
  const folder = temporaryFolder();

  it('is known when they know what is in it, and tells of changes that come meanwhile together', async () => {
    const told: string[][] = [];
    let next: (() => void) | undefined;
    const ledger: Ledger = sharedLedger(openLedger(folder()), async () => {
      const now = ledger.open().map(({ id, state }) => `${id} ${state}`);
      await new Promise<void>((resolve) => {
        next = resolve;
      });
      told.push(now);
    });
    const go = async () => {
      while (next === undefined) await new Promise((resolve) => setImmediate(resolve));
      next();
      next = undefined;
    };
    ledger.intend(ENTRY);
    const known = ledger.known?.();
    await go();
    await known;
    assert.deepEqual(told, [['run-0 intended']]);
    ledger.mark('run-0', 'active');
    await new Promise((resolve) => setImmediate(resolve));
    ledger.intend({ ...ENTRY, id: 'run-1' });
    ledger.mark('run-0', 'healed');
    const later = ledger.known?.();
    await go();
    await go();
    await later;
    assert.deepEqual(told.slice(1), [['run-0 active'], ['run-1 intended']]);
  });

  it('says why they do not know, each time, and goes on', async () => {
    let fails = true;
    const ledger = sharedLedger(openLedger(folder()), async () => {
      if (fails) throw new Error('nobody answers');
    });
    ledger.intend(ENTRY);
    await assert.rejects(async () => ledger.known?.(), /nobody answers/);
    fails = false;
    ledger.mark('run-0', 'healed');
    await ledger.known?.();
  });
});
