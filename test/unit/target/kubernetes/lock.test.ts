import assert from 'node:assert/strict';
import type { HeldLease, RunLease } from '../../../../src/client/kubernetes/run-lease.js';
import { FlinchError } from '../../../../src/core/error.js';
import { diedBy, lockBy } from '../../../../src/target/kubernetes/lock.js';
import { handClock } from '../../../support/hand-clock.js';
import { hasCode } from '../../../support/has-code.js';

/** A Lease that a test takes by hand. */
function world(held?: HeldLease) {
  const clock = handClock();
  const state = { held, note: undefined as string | undefined, down: false, said: [] as string[] };
  const asked = () => {
    if (state.down) throw new FlinchError('KUBERNETES', { what: 'nobody answers' });
  };
  const lease: RunLease = {
    async held() {
      asked();
      return state.held && { ...state.held };
    },
    async take(by, seen) {
      asked();
      if (state.held?.holder !== seen?.holder || state.held?.renewed !== seen?.renewed) return false;
      state.held = { holder: by, renewed: String(clock.mono()) };
      return true;
    },
    async renew(by) {
      asked();
      if (state.held?.holder !== by) return false;
      state.held.renewed = String(clock.mono());
      return true;
    },
    noted: async () => state.note,
    async note(by, text) {
      asked();
      if (state.held?.holder !== by) return false;
      state.note = text;
      return true;
    },
    async release(by) {
      if (state.held?.holder === by) state.held = undefined;
    },
  };
  const lock = (home = 'here') => lockBy({ lease, home, clock, say: (line) => state.said.push(line) });
  return { clock, state, lock, lease };
}

describe('the lock of a cluster in pods', () => {
  it('is taken where nobody has it, renewed, and given back', async () => {
    const { clock, state, lock } = world();
    const { lost, release } = await lock();
    const first = state.held?.renewed;
    await clock.sleep(12_000);
    assert.notEqual(state.held?.renewed, first);
    await release();
    assert.deepEqual([state.held, lost.aborted, state.said], [undefined, false, []]);
  });

  it('stays with whoever renews it', async () => {
    const { clock, state, lock } = world({ holder: 'elsewhere/1/a', renewed: '0' });
    clock.plan(4_500, () => {
      state.held = { holder: 'elsewhere/1/a', renewed: '1' };
    });
    await assert.rejects(lock(), hasCode('CLUSTER_BUSY', /another run goes on, maybe on another machine - elsewhere/));
    assert.ok(clock.passed() < 6_000);
  });

  it('is taken from one that is silent for long, and that is said', async () => {
    const { clock, state, lock } = world({ holder: 'elsewhere/1/a', renewed: '0' });
    const { release } = await lock();
    assert.ok(clock.passed() >= 20_000);
    assert.deepEqual(state.said, ['took the lock of elsewhere/1/a, of whom nothing was heard any more']);
    await release();
  });

  it('is taken at once from a run that died here: nobody else may use this home', async () => {
    const { clock, state, lock } = world();
    const dead = await lock();
    const { held } = state;
    await dead.release();
    state.held = held;
    const before = clock.passed();
    const { release } = await lock();
    assert.ok(clock.passed() - before < 1_000);
    await release();
    state.held = held;
    const other = clock.passed();
    await (await lock('another home')).release();
    assert.ok(clock.passed() - other >= 20_000);
  });

  it('goes to one of two who want it at once', async () => {
    const { clock, state, lock } = world({ holder: 'elsewhere/1/a', renewed: '0' });
    clock.plan(19_900, () => {
      state.held = { holder: 'elsewhere/2/b', renewed: '1' };
    });
    await assert.rejects(lock(), hasCode('CLUSTER_BUSY', /elsewhere\/2\/b/));
  });

  it('is taken once more where somebody has taken the Lease away', async () => {
    const { clock, state, lock } = world();
    const { lost, release } = await lock();
    const { holder } = state.held ?? assert.fail();
    state.held = undefined;
    await clock.sleep(6_000);
    assert.deepEqual([lost.aborted, (state.held as HeldLease | undefined)?.holder], [false, holder]);
    await release();
  });

  it('tells whoever has it that somebody else has taken it; an API server that does not answer says nothing', async () => {
    const { clock, state, lock } = world();
    const { lost, release } = await lock();
    state.down = true;
    await clock.sleep(30_000);
    assert.equal(lost.aborted, false);
    state.down = false;
    state.held = { holder: 'elsewhere/1/a', renewed: '0' };
    await clock.sleep(6_000);
    assert.match(String(lost.reason), /somebody else has taken the lock of this cluster - elsewhere\/1\/a/);
    await release();
    assert.equal(state.held.holder, 'elsewhere/1/a');
  });

  it('tells whoever has it next what was written on it, and did not say that it is over', async () => {
    const { state, lock } = world();
    const first = await lock();
    assert.equal(first.left, undefined);
    await first.note('a machine is cordoned');
    await first.release();
    const second = await lock('elsewhere');
    assert.equal(second.left, 'a machine is cordoned');
    await second.note(undefined);
    await second.release();
    assert.equal(state.note, undefined);
  });

  it('takes no word from whoever does not have it any more, and none that is too long', async () => {
    const { state, lock } = world();
    const mine = await lock();
    await mine.note('x'.repeat(300_000));
    assert.deepEqual([state.note, state.said.length], [undefined, 1]);
    state.held = { holder: 'elsewhere/1/a', renewed: '0' };
    await assert.rejects(mine.note('late'), hasCode('CLUSTER_BUSY', /elsewhere/));
    await mine.release();
  });

  for (const [what, note, died] of [
    ['has ended', undefined, false],
    ['has left something', 'a cordon', true],
  ] as const) {
    it(`is waited for by whoever heals in place of a run, until that ${what}`, async () => {
      const { clock, state, lock, lease } = world();
      const run = await lock();
      let said: boolean | undefined;
      const waiting = diedBy(lease, clock).then((it) => {
        said = it;
      });
      await clock.sleep(120_000);
      assert.equal(said, undefined);
      // An API server that does not answer is no dead run.
      state.down = true;
      await clock.sleep(60_000);
      assert.equal(said, undefined);
      state.down = false;
      await clock.sleep(20_000);
      Object.assign(state, { held: undefined, note });
      await clock.sleep(20_000);
      await waiting;
      assert.equal(said, died);
      await run.release();
    });
  }

  it('is that of a dead run when nobody renews it', async () => {
    const { clock, lease } = world({ holder: 'elsewhere/1/a', renewed: '0' });
    assert.equal(await diedBy(lease, clock), true);
    assert.ok(clock.passed() >= 20_000 && clock.passed() <= 40_000);
  });

  it('is waited for no longer where it may not be read, or nobody answers for long', async () => {
    const { clock, lease } = world({ holder: 'elsewhere/1/a', renewed: '0' });
    const refused = new FlinchError('KUBERNETES', { what: 'it answered 403', cause: { code: 403 } });
    const forbidden = { ...lease, held: () => Promise.reject(refused) };
    await assert.rejects(diedBy(forbidden, clock), refused);
    assert.equal(clock.passed(), 0);
    const gone = new FlinchError('KUBERNETES', { what: 'nobody answers' });
    await assert.rejects(diedBy({ ...lease, held: () => Promise.reject(gone) }, clock), gone);
    assert.ok(clock.passed() >= 15 * 60_000 && clock.passed() < 16 * 60_000);
  });
});
