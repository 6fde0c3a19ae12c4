import assert from 'node:assert/strict';
import { poison } from '../../../../src/fault/load/poison.js';
import { handMadeCluster } from '../../../support/hand-made-cluster.js';
import { hasCode } from '../../../support/has-code.js';

describe('poison', () => {
  async function poisoned() {
    const world = handMadeCluster();
    world.load.onAppend = (value) => {
      world.clock.plan(world.clock.passed() + 2_000, () => {
        world.job.failures = ['Connection refused', `Unrecognized token '${value}': was expecting`];
      });
    };
    const { undo } = await poison.resolve({ duration: 10_000 }, { ...world.context(), pick: () => 3 });
    return { world, undo };
  }

  it('is effective when the job has failed of that very record', async () => {
    const { world, undo } = await poisoned();
    const { evidence } = await poison.inject(undo, world.context());
    assert.match(evidence.join(), /^a record of partition 3 cannot be read: Unrecognized token 'flinchpoison\w+'/);
    assert.equal(poison.hold?.(undo), 10_000);
  });

  it('is healed by starting the job again, which then passes over what it cannot read, once', async () => {
    const { world, undo } = await poisoned();
    await poison.inject(undo, world.context());
    const { evidence } = await poison.heal(undo, world.context());
    assert.deepEqual(world.job.starts, [{ from: 'file:/chk-7', parallelism: undefined, lenient: true }]);
    assert.match(evidence.join('; '), /job job-2 is RUNNING, started from file:\/chk-7; it passes over/);
    await poison.heal(undo, world.context());
    assert.equal(world.job.starts.length, 1);
  });

  it('is not healed while the job cannot be cancelled', async () => {
    const { world, undo } = await poisoned();
    await poison.inject(undo, world.context());
    world.job.deaf = true;
    await assert.rejects(
      poison.heal(undo, world.context()),
      hasCode('HEAL_FAILED', /could not be cancelled.*cancel it by hand/),
    );
  });

  it('of a run that is gone is gone with its job', async () => {
    const { world, undo } = await poisoned();
    const { evidence } = await poison.heal(undo, { ...world.context(), job: undefined });
    assert.deepEqual(evidence, ['the job was that of a run which is gone']);
  });
});
