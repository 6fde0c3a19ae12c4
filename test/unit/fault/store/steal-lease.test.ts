import assert from 'node:assert/strict';
import { LEASE, lease } from '../../../../src/client/kubernetes/lease.js';
import { type StealUndo, stealLease } from '../../../../src/fault/store/steal-lease.js';
import { handMadeCluster, leaderOn } from '../../../support/hand-made-cluster.js';
import { CLUSTER_MAP } from '../../../support/hand-made-maps.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen() {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  const resolved = await stealLease.resolve({ node: 'jobmanager.leader', duration: 5000 }, world.context());
  const undo = JSON.parse(JSON.stringify(resolved.undo)) as StealUndo;
  const text = () => world.maps.all.get(CLUSTER_MAP)?.annotations[LEASE] ?? '';
  /** A JobManager takes the lease a second later, and renews it from then on. */
  const takenBy = (holder: string) =>
    world.clock.plan(world.clock.passed() + 1000, () => {
      const held = JSON.stringify({ ...JSON.parse(text()), holderIdentity: holder });
      const map = world.maps.all.get(CLUSTER_MAP) ?? assert.fail();
      world.maps.all.set(CLUSTER_MAP, { ...map, annotations: { [LEASE]: held } });
    });
  return { world, undo, text, takenBy, now: () => lease(text()) };
}

describe('stealLease', () => {
  it('holds the lease in place of the leader, renews it, and gives it back', async () => {
    const { world, undo, now, text, takenBy } = await chosen();
    const { evidence } = await stealLease.inject(undo, world.context());
    assert.deepEqual(evidence, ['flinch-jm-1 holds the lease']);
    const { renewed, transitions, duration } = now();
    assert.deepEqual([transitions, duration], [4, 15_000]);
    await world.clock.sleep(3000);
    await stealLease.meanwhile?.act(undo, world.context());
    assert.equal(now().renewed - renewed, 3000);
    assert.deepEqual(await stealLease.confirm?.(undo, world.context()), ['flinch-jm-1 holds the lease, after 5.00 s']);
    takenBy('jm-2');
    let free = '';
    world.clock.plan(world.clock.passed() + 500, () => {
      free = text();
    });
    const began = world.clock.mono();
    const healed = await stealLease.heal(undo, world.context());
    assert.deepEqual([lease(free).holder, lease(free).duration, lease(free).transitions], [undefined, 1000, 4]);
    assert.match(free, /"renewTime":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"/);
    assert.match(healed.evidence.join(), /jm-2 holds the lease, and has renewed it twice,2 contenders for leadership/);
    assert.ok(world.clock.mono() - began >= 6_000, 'the leader before has had time to notice');
  });

  it('leaves a lease alone that a JobManager has taken meanwhile', async () => {
    const { world, undo, text, takenBy } = await chosen();
    await stealLease.inject(undo, world.context());
    const theirs = text().replace('flinch-jm-1', 'jm-2');
    const map = world.maps.all.get(CLUSTER_MAP) ?? assert.fail();
    world.maps.all.set(CLUSTER_MAP, { ...map, annotations: { [LEASE]: theirs } });
    await stealLease.meanwhile?.act(undo, world.context());
    await assert.rejects(
      async () => stealLease.confirm?.(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /jm-2 holds the lease/),
    );
    world.leader = leaderOn(2);
    takenBy('jm-2');
    await stealLease.heal(undo, world.context());
    assert.equal(text().replace(/"renewTime":"[^"]*"/, ''), theirs.replace(/"renewTime":"[^"]*"/, ''));
  });

  it('takes nothing from another leader than the one that was chosen', async () => {
    const { world, undo, now } = await chosen();
    world.leader = leaderOn(2);
    await assert.rejects(stealLease.inject(undo, world.context()), hasCode('FAULT_INJECT', /leader changed/));
    assert.equal(now().holder, 'jm-1');
  });

  it('is not healed while nobody leads', async () => {
    const { world, undo } = await chosen();
    await stealLease.inject(undo, world.context());
    world.leader = undefined;
    await assert.rejects(stealLease.heal(undo, world.context()), hasCode('HEAL_FAILED', /no JobManager leads/));
  });
});
