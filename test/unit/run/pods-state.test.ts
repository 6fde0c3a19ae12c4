import assert from 'node:assert/strict';
import { podsState } from '../../../src/run/cluster/pods-state.js';
import { openLedger } from '../../../src/run/safety/ledger.js';
import { hasCode } from '../../support/has-code.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const entry = (id: string) => ({
  id,
  run: 'run',
  fault: 0,
  kind: 'drainNode',
  node: id,
  undo: { machines: ['one'] },
  until: 1,
});
const KNOWN = { flinkVersion: '1.20.1', configured: {}, slotsTotal: 4, seats: { 'jobmanager-1': 'uid' }, direct: true };

describe('what is known of a cluster in pods', () => {
  const folder = temporaryFolder();
  let before: string | undefined;
  beforeEach(() => {
    before = process.env.FLINCH_STATE;
    process.env.FLINCH_STATE = folder();
  });
  afterEach(() => {
    if (before === undefined) delete process.env.FLINCH_STATE;
    else process.env.FLINCH_STATE = before;
  });

  it('is told to another machine, which heals with it; nothing, once all is healed', () => {
    const here = podsState('here');
    here.keep(KNOWN);
    assert.equal(here.told(), undefined);
    const ledger = openLedger(here.ledger);
    ledger.intend(entry('one'));
    ledger.mark('one', 'active');
    ledger.intend(entry('two'));
    const told = here.told() ?? assert.fail();

    const there = podsState('there');
    // Whoever only asks takes nothing up.
    assert.deepEqual([there.others(told).length, there.open().length, here.others(told).length], [2, 0, 0]);
    there.adopt(told);
    const same = ({ id, state, undo }: { id: string; state: string; undo: unknown }) => ({ id, state, undo });
    assert.deepEqual(there.open().map(same), here.open().map(same));
    assert.deepEqual(there.known(), KNOWN);
    for (const { id } of there.open()) openLedger(there.ledger).mark(id, 'healed');
    assert.equal(there.told(), undefined);
  });

  it('stays as it is where it is known here already', () => {
    const here = podsState('here');
    const ledger = openLedger(here.ledger);
    ledger.intend(entry('one'));
    const told = here.told() ?? assert.fail();
    ledger.mark('one', 'active');
    here.keep({ ...KNOWN, slotsTotal: 8 });
    here.adopt(told);
    assert.deepEqual(
      here.open().map(({ state }) => state),
      ['active'],
    );
    assert.equal(here.known()?.slotsTotal, 8);
  });

  it('is refused where it cannot be read', () => {
    for (const text of ['', '{', '{}', 'null', '{"entries": 1}'])
      assert.throws(() => podsState('here').adopt(text), hasCode('RUN_UNREADABLE', /written on its lock/), text);
  });
});
