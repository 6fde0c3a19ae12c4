import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entered, type Ledger, type LedgerEntry, openLedger } from '../../../src/run/safety/ledger.js';
import { hasCode } from '../../support/has-code.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const entry = (id: string, fault = 0): Omit<LedgerEntry, Entered> => ({
  id,
  run: 'run-1',
  fault,
  kind: 'kill',
  node: 'jobmanager-1',
  undo: { node: 'jobmanager-1', contenders: ['0x1'] },
  until: 0,
});
const ids = (ledger: Ledger) => ledger.open().map(({ id }) => id);

describe('the ledger', () => {
  const folder = temporaryFolder();
  let time = 0;
  const open = () => openLedger(join(folder(), 'ledger'), () => ++time);

  it('has what is intended on disk at once, for another process to heal', () => {
    open().intend(entry('a'));
    assert.deepEqual(open().open(), [{ ...entry('a'), state: 'intended', at: time, order: 0 }]);
    open().mark('a', 'active');
    assert.deepEqual(open().open(), [{ ...entry('a'), state: 'active', at: time, order: 0 }]);
  });

  it('holds open what is intended or active, what was intended last first, until it is healed', () => {
    const ledger = open();
    for (const id of ['a', 'b', 'c']) ledger.intend(entry(id));
    assert.deepEqual(ids(ledger), ['c', 'b', 'a']);
    ledger.mark('b', 'healed');
    assert.deepEqual(ids(open()), ['c', 'a']);
    ledger.mark('a', 'active');
    assert.deepEqual(ids(open()), ['c', 'a']);
  });

  it('has that order whatever the clock says, and where one was deleted by hand', () => {
    let clock = 9;
    const ledger = openLedger(join(folder(), 'ledger'), () => clock--);
    for (const id of ['b', 'a', 'c']) ledger.intend(entry(id));
    rmSync(join(folder(), 'ledger', 'b.json'));
    openLedger(join(folder(), 'ledger'), () => 7).intend(entry('aa'));
    assert.deepEqual(ids(ledger), ['aa', 'c', 'a']);
  });

  it('takes entries of a Flinch that did not count after those that are counted, the latest first', () => {
    const ledger = open();
    ledger.intend(entry('new'));
    const old = (id: string, at: number, fault: number) =>
      writeFileSync(
        join(folder(), 'ledger', `${id}.json`),
        JSON.stringify({ ...entry(id, fault), state: 'active', at }),
      );
    old('x', 8, 0);
    old('y', 9, 0);
    old('z', 9, 1);
    assert.deepEqual(ids(ledger), ['new', 'z', 'y', 'x']);
  });

  it('leaves no half file behind, and passes over one that a crash left', () => {
    open().intend(entry('a'));
    assert.deepEqual(readdirSync(join(folder(), 'ledger')), ['a.json']);
    writeFileSync(join(folder(), 'ledger', 'b.json.tmp'), '{"id":"b"');
    assert.deepEqual(ids(open()), ['a']);
  });

  it('never takes an entry that it cannot read for a healed one', () => {
    const ledger = open();
    ledger.intend(entry('a'));
    writeFileSync(join(folder(), 'ledger', 'b.json'), '{"id":');
    assert.throws(() => ledger.open(), hasCode('RUN_UNREADABLE', /b\.json.*look at the cluster yourself/));
  });

  it('says with a code that it cannot be written', () => {
    const ledger = open();
    rmSync(join(folder(), 'ledger'), { recursive: true });
    assert.throws(() => ledger.intend(entry('a')), hasCode('JOURNAL_WRITE', /ENOENT.*no fault is injected/));
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => openLedger(join(folder(), 'file', 'ledger')), hasCode('JOURNAL_WRITE', /ledger/));
  });
});
