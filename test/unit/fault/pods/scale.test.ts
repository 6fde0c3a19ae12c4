import assert from 'node:assert/strict';
import { type ScaleUndo, scale } from '../../../../src/fault/pods/scale.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(to = 1) {
  const world = Object.assign(handMadeCluster(), { arePods: true });
  const resolved = await scale.resolve({ role: 'taskmanager', to, duration: 5000 }, world.context());
  return { world, resolved, undo: JSON.parse(JSON.stringify(resolved.undo)) as ScaleUndo };
}

describe('scale', () => {
  it('takes pods of a role away, whichever the controller chooses, and sees as many of them end', async () => {
    const { world, undo, resolved } = await chosen();
    assert.deepEqual(
      [resolved.nodes.map(({ node }) => node), resolved.leaves],
      [['taskmanager-1', 'taskmanager-2'], 1],
    );
    const { evidence } = await scale.inject(undo, world.context());
    assert.deepEqual(world.log, ['scale taskmanager to 1']);
    assert.match(evidence.join('; '), /^Deployment taskmanager is to have 1; process \d+ of taskmanager-2 is gone$/);
    assert.deepEqual(await scale.confirm?.(undo, world.context()), [
      'Deployment taskmanager is to have 1, after 5.00 s',
    ]);
  });

  it('asks for as many as before, and sees those back that went', async () => {
    const { world, undo } = await chosen();
    await scale.inject(undo, world.context());
    world.heartbeats = { 'taskmanager-2': world.clock.wall() + 60_000 };
    const { evidence } = await scale.heal(undo, world.context());
    assert.equal(world.replicas.taskmanager, 2);
    assert.match(evidence.join('; '), /^taskmanager is to have 2 again; taskmanager-2 runs as .* is registered/);
    assert.equal(evidence.length, 3);
  });

  it('leaves the number that somebody else has asked for, and says so', async () => {
    const { world, undo } = await chosen();
    await scale.inject(undo, world.context());
    world.replicas.taskmanager = 5;
    await assert.rejects(
      async () => scale.confirm?.(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /it is to have 5, and not 1/),
    );
    const { evidence } = await scale.heal(undo, world.context());
    assert.deepEqual(evidence, ['taskmanager is to have 5 by the will of somebody else']);
    assert.equal(world.replicas.taskmanager, 5);
  });

  it('heals what died before it came about', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await scale.heal(undo, world.context());
    assert.deepEqual(evidence, ['taskmanager is to have 2 again']);
  });

  it('has nothing to take away where there are not more', async () => {
    await assert.rejects(chosen(2), hasCode('FAULT_INJECT', /it has 2 already, and is to have fewer.*write to: 1/));
  });
});
