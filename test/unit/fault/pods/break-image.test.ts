import assert from 'node:assert/strict';
import { type BreakImageUndo, breakImage } from '../../../../src/fault/pods/break-image.js';
import { type HandMadeCluster, handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

async function chosen(over: Partial<HandMadeCluster> = {}) {
  const world = Object.assign(handMadeCluster(), { arePods: true }, over);
  const resolved = await breakImage.resolve({ role: 'taskmanager', duration: 5000 }, world.context());
  return { world, resolved, undo: JSON.parse(JSON.stringify(resolved.undo)) as BreakImageUndo };
}

describe('breakImage', () => {
  it('has a role run an image that nobody has, and sees a pod wait for it while those that serve stay', async () => {
    const { world, resolved, undo } = await chosen();
    assert.deepEqual(resolved.evidence, ['Deployment taskmanager runs flink:1, and keeps 2 of 2 pods']);
    assert.equal(resolved.leaves, 2);
    assert.match(undo.image, /^flinch\.invalid\/none:bad-[0-9a-f]{12}$/);
    const { evidence } = await breakImage.inject(undo, world.context());
    assert.deepEqual(evidence, [
      `Deployment taskmanager is to run ${undo.image}`,
      'pod taskmanager-new waits: ErrImagePull',
    ]);
    const confirmed = await breakImage.confirm?.(undo, world.context());
    assert.match(confirmed?.join('; ') ?? '', /, after 5\.00 s; pod taskmanager-new waits/);
  });

  it('waits for the end of as many as the controller lets go', async () => {
    const { world, resolved, undo } = await chosen({ stays: 0 });
    assert.equal(resolved.leaves, 0);
    const { evidence } = await breakImage.inject(undo, world.context());
    assert.match(evidence.join('; '), /of taskmanager-1 is gone; process \d+ of taskmanager-2 is gone$/);
  });

  it('is not effective while more of them stay', async () => {
    const { world, undo } = await chosen({ stays: 0 });
    world.stays = 1;
    await assert.rejects(breakImage.inject(undo, world.context()), hasCode('FAULT_NOT_EFFECTIVE', /cannot start/));
  });

  it('is not healed while something is kept of it', async () => {
    const { world, undo } = await chosen({ keeps: true });
    await breakImage.inject(undo, world.context());
    await assert.rejects(
      breakImage.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /what it has kept of the other image.*set the image of Deployment taskmanager to flink:1/),
    );
  });

  it('is not effective while a pod waits for something else', async () => {
    const { world, undo } = await chosen({ waits: 'ContainerCreating' });
    await assert.rejects(
      breakImage.inject(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /is to run flinch.invalid.*a pod that cannot start/),
    );
  });

  it('sets the image of before, has nothing kept of the other one, and sees those back that went', async () => {
    const { world, undo } = await chosen({ stays: 0 });
    await breakImage.inject(undo, world.context());
    const late = world.clock.wall() + 60_000;
    world.heartbeats = { 'taskmanager-1': late, 'taskmanager-2': late };
    const { evidence } = await breakImage.heal(undo, world.context());
    assert.deepEqual([world.images.taskmanager, [...world.kept]], ['flink:1', ['flink:1']]);
    assert.match(evidence.join('; '), /^Deployment taskmanager runs flink:1 in all its pods; taskmanager-1 runs as/);
    assert.equal(evidence.length, 5);
  });

  it('leaves the image that somebody else has released meanwhile, and says so', async () => {
    const { world, undo } = await chosen();
    await breakImage.inject(undo, world.context());
    world.images.taskmanager = 'flink:2';
    await assert.rejects(
      async () => breakImage.confirm?.(undo, world.context()),
      hasCode('FAULT_NOT_EFFECTIVE', /it is to run flink:2, and not flinch.invalid/),
    );
    const { evidence } = await breakImage.heal(undo, world.context());
    assert.deepEqual(evidence, ['Deployment taskmanager is to run flink:2 by the will of somebody else']);
    assert.equal(world.images.taskmanager, 'flink:2');
  });

  it('heals what died before it came about', async () => {
    const { world, undo } = await chosen();
    const { evidence } = await breakImage.heal(undo, world.context());
    assert.deepEqual(evidence, ['Deployment taskmanager runs flink:1 in all its pods']);
    assert.deepEqual(world.log, []);
  });
});
